import { globSync } from "node:fs";

import { check } from "./check.ts";
import { PLANTED_FAULTS } from "./planted-faults.ts";
import { ROOT, runNode, stopSignal } from "./support/child.ts";
import { runPlantedFaults } from "./support/plant-fault.ts";
import { startPostgres, type ThrowawayPostgres } from "./support/postgres.ts";
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
  run(files: readonly string[]): Promise<Result>;
}

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

const signal = stopSignal();

const CHECK: Part = { name: "check", title: "Checks", run: async () => ({ ok: await check(signal), output: "" }) };
const EMBEDDED: Part = { name: "embedded", title: "Suite on the embedded database", files: SUITE, run: runInTwo };
const POSTGRES: Part = { name: "postgres", title: "Suite on PostgreSQL", files: SUITE, run: runOnPostgres };
const BROWSER: Part = { name: "journeys", title: "Journeys in a browser", files: JOURNEYS, run: runInTwo };
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

const startedAt = performance.now();
const done: string[] = [];
process.exit((await runAll(process.argv.slice(2))) ? 0 : 1);

async function runAll(given: readonly string[]): Promise<boolean> {
  const names = given.filter((word) => PARTS.some(({ name }) => name === word));
  const fragments = given.filter((word) => !names.includes(word));
  if (fragments.length > 1 || fragments[0]?.startsWith("-")) return finish(false, USAGE);
  for (const step of STEPS) {
    const parts = step.filter((part) => isWanted(part, names, fragments[0]));
    const holds = await runParts(parts, fragments[0]);
    if (signal.aborted) return finish(false, `Stopped on request after ${seconds(startedAt)}.`);
    if (!holds) return finish(false, `Not everything holds: see above. ${seconds(startedAt)}`);
  }
  if (fragments[0] && done.length === 0) return finish(false, `No test file's path contains "${fragments[0]}".`);
  return finish(true, `All of it holds: ${done.join(", ")}. ${seconds(startedAt)}`);
}

function isWanted(part: Part, names: readonly string[], fragment: string | undefined): boolean {
  if (names.length > 0) return names.includes(part.name);
  return !part.isLong && (fragment === undefined || part.files !== undefined);
}

async function runParts(parts: readonly Part[], fragment: string | undefined): Promise<boolean> {
  let holds = true;
  for (const part of parts) holds = (await runPart(part, filesOf(part, fragment))) && holds;
  return holds;
}

function filesOf({ files = [] }: Part, fragment = ""): readonly string[] {
  return globSync([...files], { cwd: ROOT })
    .filter((file) => file.includes(fragment))
    .toSorted();
}

/** @returns whether the part holds; a part that has no file to run holds and is not counted. */
async function runPart(part: Part, files: readonly string[]): Promise<boolean> {
  if (part.files && files.length === 0) return true;
  console.log(`${part.title} …`);
  const partStartedAt = performance.now();
  const { ok, output } = await part.run(files).catch((error: unknown) => ({ ok: false, output: reason(error) }));
  const end = signal.aborted ? "stopped" : ok ? "holds" : "FAILED";
  console.log(`${output}${part.title}: ${end} after ${seconds(partStartedAt)}\n`);
  done.push(part.name);
  return ok;
}

/** A program waits much of its time, for a database, a mail or a browser, so each part runs in two. */
async function runInTwo(files: readonly string[], env = {}): Promise<Result> {
  const halves = halvesOf(files);
  const live = halves.length === 1;
  const runs = halves.map((half) => runSuite(half, { ...env, REKEY_TEST_DATABASE: "embedded" }, live));
  return joined(await Promise.all(runs));
}

function halvesOf(files: readonly string[]): readonly (readonly string[])[] {
  return [0, 1].map((half) => files.filter((_, index) => index % 2 === half)).filter((half) => half.length > 0);
}

function joined(results: readonly Result[]): Result {
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("") };
}

/** Each program has a server of its own: what one does to it is nothing to the other. */
async function runOnPostgres(files: readonly string[], env = {}): Promise<Result> {
  const servers: ThrowawayPostgres[] = [];
  try {
    const runs: Promise<Result>[] = [];
    const halves = halvesOf(files);
    for (const half of halves) {
      const postgres = await startPostgres();
      servers.push(postgres);
      const database = { REKEY_TEST_DATABASE: postgres.url, REKEY_TEST_DATABASE_DIR: postgres.directory };
      runs.push(runSuite(half, { ...env, ...database }, halves.length === 1));
    }
    return joined(await Promise.all(runs));
  } finally {
    for (const postgres of servers) await postgres.stop();
  }
}

/** What the requirements give a number for is done that often, and each test with a planted fault beside it must notice that. */
async function runFaults(files: readonly string[]): Promise<Result> {
  const faults = PLANTED_FAULTS.filter(({ test }) => files.includes(test.file));
  const planted = await runPlantedFaults(faults, signal);
  const env = { REKEY_TEST_NUMBERS: "full" };
  const embedded = await runInTwo(files, env);
  const postgres = await runOnPostgres(files, env);
  return joined([planted, embedded, postgres]);
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
