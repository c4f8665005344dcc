import { after } from "#lib/clock.ts";
import type { Deps } from "#platform/deps.ts";

/** What happens to somebody, step by step: each says how long ago it is to be, and goes on with the program as of that moment. */
export type Life<T = void> = AsyncGenerator<number, T, Deps>;

interface Waiting {
  readonly life: Life;
  readonly agoMs: number;
}

/** Lives them all, whose step is the earliest first, so that whatever is recorded stands in the order of time. */
export async function liveSideBySide(deps: Deps, lives: readonly Life[]): Promise<void> {
  let waiting = (await Promise.all(lives.map(async (life) => asWaiting(life, await life.next())))).flat();
  for (;;) {
    const [first, ...others] = waiting.toSorted((one, other) => other.agoMs - one.agoMs);
    if (!first) return;
    const { life, agoMs } = first;
    waiting = [...others, ...asWaiting(life, await life.next(at(deps, agoMs)))];
  }
}

function asWaiting(life: Life, step: IteratorResult<number, void>): readonly Waiting[] {
  return step.done ? [] : [{ life, agoMs: step.value }];
}

/** The same program, so long ago. */
export function at(deps: Deps, agoMs: number): Deps {
  const moment = after(deps.clock.now(), -agoMs);
  return { ...deps, clock: { now: () => moment } };
}
