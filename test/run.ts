import { globSync } from "node:fs";

import { fairLine } from "#lib/fair-line.ts";
import { check } from "./check.ts";
import { PLANTED_FAULTS } from "./planted-faults.ts";
import { ROOT, runNode, stopSignal } from "./support/child.ts";
import { runPlantedFaults } from "./support/plant-fault.ts";
import { startPostgres } from "./support/postgres.ts";
import { runScans } from "./scans/scan.ts";

/** A test that takes longer hangs; it fails rather than keep everybody waiting. */
const LONGEST_TEST_MS = { quick: 120_000, full: 1_200_000 };

const USAGE = "Usage: npm test -- [check|embedded|postgres|journeys|faults|scans] [part of a test file's path]";

const SUITE = ["src/**/*.test.{ts,tsx}", "test/*.test.ts", "test/faults/*.test.ts"];
const JOURNEYS = ["test/journeys/*.test.ts"];

interface Part {
  readonly name: string;
  readonly title: string;
  /** Which test files the part runs; none for the checks. */
  readonly files?: readonly string[];
  /** Takes too long to be run unless it is named. */
  readonly isLong?: boolean;
  /** @param live whether its output is shown as it comes. */
  run(files: readonly string[], live: boolean): Promise<Result>;
}

/** A part, or half of one. */
interface Program extends Pick<Part, "name" | "title"> {
  run(live: boolean): Promise<Result>;
}

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

const signal = stopSignal();

const CHECK: Part = { name: "check", title: "Checks", run: async () => ({ ok: await check(signal), output: "" }) };
const EMBEDDED: Part = { name: "embedded", title: "Suite on the embedded database", files: SUITE, run: runEmbedded };
const POSTGRES: Part = { name: "postgres", title: "Suite on PostgreSQL", files: SUITE, run: runOnPostgres };
const BROWSER: Part = { name: "journeys", title: "Journeys in a browser", files: JOURNEYS, run: runEmbedded };
const FAULTS: Part = {
  name: "faults",
  title: "Planted faults, and the suite with full numbers",
  files: [...SUITE, ...JOURNEYS],
  isLong: true,
  run: runFaults,
};
const SCANS: Part = {
  name: "scans",
  title: "Scans with wapiti and sqlmap",
  isLong: true,
  run: () => runScans(signal),
};

/** What is done one after the other; where anything in one step does not hold, the next is not begun. */
const STEPS: readonly (readonly Part[])[] = [[CHECK], [EMBEDDED, POSTGRES, BROWSER], [FAULTS], [SCANS]];
const PARTS = STEPS.flat();

/**
 * A program waits for a third of its time, for a database, a mail or a browser: three keep two cores busy. With more of them,
 * what has to be done in time is not.
 */
const PROGRAMS_AT_ONCE = 3;
const line = fairLine({ atOnce: PROGRAMS_AT_ONCE, longest: Infinity }, () => new Error("Nobody is refused"));

const startedAt = performance.now();
const done = new Set<string>();
process.exit((await runAll(process.argv.slice(2))) ? 0 : 1);

async function runAll(given: readonly string[]): Promise<boolean> {
  const names = given.filter((word) => PARTS.some(({ name }) => name === word));
  const fragments = given.filter((word) => !names.includes(word));
  if (fragments.length > 1 || fragments[0]?.startsWith("-")) return finish(false, USAGE);
  for (const step of STEPS) {
    const wanted = step.filter((part) => isWanted(part, names, fragments[0]));
    const programs = wanted.flatMap((part) => programsOf(part, fragments[0]));
    const live = programs.length === 1;
    const results = await Promise.all(programs.map((program) => line("programs", () => runProgram(program, live))));
    if (signal.aborted) return finish(false, `Stopped on request after ${seconds(startedAt)}.`);
    if (results.includes(false)) return finish(false, `Not everything holds: see above. ${seconds(startedAt)}`);
  }
  if (fragments[0] && done.size === 0) return finish(false, `No test file's path contains "${fragments[0]}".`);
  return finish(true, `All of it holds: ${[...done].join(", ")}. ${seconds(startedAt)}`);
}

function isWanted(part: Part, names: readonly string[], fragment: string | undefined): boolean {
  if (names.length > 0) return names.includes(part.name);
  return !part.isLong && (fragment === undefined || part.files !== undefined);
}

/** What runs test files runs them in two programs, where there are two. */
function programsOf(part: Part, fragment: string | undefined): readonly Program[] {
  const { name, title } = part;
  if (!part.files) return [{ name, title, run: (live) => part.run([], live) }];
  const files = filesOf(part, fragment);
  const halves = part.isLong ? [files].filter(({ length }) => length > 0) : halvesOf(files);
  return halves.map((half, index) => ({
    name,
    title: halves.length === 1 ? title : `${title}, ${index + 1} of ${halves.length}`,
    run: (live) => part.run(half, live),
  }));
}

function filesOf({ files = [] }: Part, fragment = ""): readonly string[] {
  return globSync([...files], { cwd: ROOT })
    .filter((file) => file.includes(fragment))
    .toSorted();
}

function halvesOf(files: readonly string[]): readonly (readonly string[])[] {
  return [0, 1].map((half) => files.filter((_, index) => index % 2 === half)).filter((half) => half.length > 0);
}

/** @returns whether it holds. */
async function runProgram({ name, title, run }: Program, live: boolean): Promise<boolean> {
  console.log(`${title} …`);
  const programStartedAt = performance.now();
  const { ok, output } = await run(live).catch((error: unknown) => ({ ok: false, output: reason(error) }));
  const end = signal.aborted ? "stopped" : ok ? "holds" : "FAILED";
  console.log(`${output}${title}: ${end} after ${seconds(programStartedAt)}\n`);
  done.add(name);
  return ok;
}

function runEmbedded(files: readonly string[], live: boolean, env = {}): Promise<Result> {
  return runSuite(files, { ...env, REKEY_TEST_DATABASE: "embedded" }, live);
}

/** Each program has a server of its own: what one does to it is nothing to the other. */
async function runOnPostgres(files: readonly string[], live: boolean, env = {}): Promise<Result> {
  const { url, directory, stop } = await startPostgres();
  try {
    return await runSuite(files, { ...env, REKEY_TEST_DATABASE: url, REKEY_TEST_DATABASE_DIR: directory }, live);
  } finally {
    await stop();
  }
}

/** What the requirements give a number for is done that often, and each test with a planted fault beside it must notice that. */
async function runFaults(files: readonly string[], live: boolean): Promise<Result> {
  const faults = PLANTED_FAULTS.filter(({ test }) => files.includes(test.file));
  const results = [await runPlantedFaults(faults, signal)];
  for (const run of [runEmbedded, runOnPostgres]) {
    const halves = halvesOf(files);
    const runs = halves.map((half) => run(half, live && halves.length === 1, { REKEY_TEST_NUMBERS: "full" }));
    results.push(...(await Promise.all(runs)));
  }
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("") };
}

function runSuite(files: readonly string[], env: Readonly<Record<string, string>>, live: boolean): Promise<Result> {
  const args = [
    "--disable-warning=ExperimentalWarning",
    `--import=${ROOT}/scripts/tsx.mjs`,
    "--test",
    "--test-isolation=none",
    "--test-force-exit",
    `--test-timeout=${LONGEST_TEST_MS[env["REKEY_TEST_NUMBERS"] === "full" ? "full" : "quick"]}`,
    "--test-reporter=spec",
    ...files,
  ];
  return runNode(args, { live, signal, env });
}

/** An error of ours is one plain sentence; anything else is a defect and shows where it is. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)}\n`;
  return `${error.name === "Error" ? error.message : error.stack}\n`;
}

function finish(ok: boolean, sentence: string): boolean {
  console.log(sentence);
  return ok;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
