import assert from "node:assert/strict";

/** Durations of two kinds of requests, made in pairs one right after the other, in milliseconds. */
export interface Pairs {
  readonly first: readonly number[];
  readonly second: readonly number[];
}

/** Asks for the one of this number. @returns how long the answer took, in milliseconds. */
type Timed = (pair: number) => Promise<number>;

/** Both are done so often, in pairs, whichever comes first left to chance, so that what slows the machine slows both alike. */
export async function timePairs(pairs: number, first: Timed, second: Timed): Promise<Pairs> {
  const times: { first: number[]; second: number[] } = { first: [], second: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const order = Math.random() < 0.5 ? (["first", "second"] as const) : (["second", "first"] as const);
    for (const which of order) times[which].push(await (which === "first" ? first : second)(pair));
  }
  return times;
}

/**
 * @returns how likely one of the first took longer than one of the second: 0.5 where nobody can tell them apart (the area
 *   under the curve of a test that guesses by the time alone; Hanley and McNeil 1982).
 */
export function areaOf({ first, second }: Pairs): number {
  const ranked = [...first.map((ms) => ({ ms, ours: true })), ...second.map((ms) => ({ ms, ours: false }))].toSorted(
    (a, b) => a.ms - b.ms,
  );
  const ranks = ranked.reduce((sum, { ours }, index) => (ours ? sum + index + 1 : sum), 0);
  const [n, m] = [first.length, second.length];
  return (ranks - (n * (n + 1)) / 2) / (n * m);
}

/** @throws AssertionError where the times tell the two apart better than chance may (`assurance.md`: 0.5 ± max(0.03, 3.3 SE)). */
export function assertSameTime(pairs: Pairs, sentence: string): void {
  const n = pairs.first.length;
  const standardError = Math.sqrt((2 * n + 1) / (12 * n * n));
  const allowed = Math.max(0.03, 3.3 * standardError);
  const area = areaOf(pairs);
  assert(Math.abs(area - 0.5) <= allowed, `${sentence}: ${area.toFixed(3)}, allowed 0.5 ± ${allowed.toFixed(3)}`);
}
