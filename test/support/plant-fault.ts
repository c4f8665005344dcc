import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ROOT, runNode } from "./child.ts";
import { startPostgres } from "./postgres.ts";

/** Everything that a run of the tests needs, beside the packages. */
const COPIED = ["src", "test", "scripts", "migrations", "package.json", "tsconfig.json"];

/** What stands once in a file of the repository, and what stands there in the copy. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A mistake that somebody could make, and the test that must notice: one that passes nevertheless proves nothing. */
export interface PlantedFault {
  /** The requirement that the fault breaks. */
  readonly row: string;
  readonly sentence: string;
  readonly edits: readonly Edit[];
  readonly test: { readonly file: string; readonly name: string };
  /** Some faults show only where transactions run side by side. */
  readonly database: "embedded" | "postgres";
}

/**
 * Each fault has been planted in a copy of the working tree, and its test has been run there.
 * @param faults those to plant.
 * @returns whether every fault was caught, and a line for each.
 */
export async function runPlantedFaults(
  faults: readonly PlantedFault[],
  signal: AbortSignal,
): Promise<{ ok: boolean; output: string }> {
  const lines: string[] = [];
  let ok = true;
  for (const fault of faults) {
    if (signal.aborted) return { ok: false, output: lines.join("") };
    const { isCaught, because } = judge(fault, await plantAndRun(fault, signal));
    const verdict = isCaught ? "caught" : "NOT CAUGHT";
    lines.push(
      `${verdict}: ${fault.row} ${fault.sentence}\n  by ${fault.test.file}, "${fault.test.name}…"\n  ${because}\n`,
    );
    ok &&= isCaught;
  }
  return { ok, output: lines.join("") };
}

/** The named test itself must have failed, and by an assertion: a program that does not start catches nothing. */
function judge({ test }: PlantedFault, output: string): { isCaught: boolean; because: string } {
  const failed = output.slice(output.indexOf("failing tests:")).split(/^✖ /m).slice(1);
  const report = failed.find((each) => each.split("\n", 1)[0]?.includes(test.name));
  const assertion = /AssertionError.*(?:\n.*){0,4}/.exec(report ?? "")?.[0];
  return { isCaught: assertion !== undefined, because: assertion?.replace(/\s+/g, " ") ?? output };
}

function plantAndRun(fault: PlantedFault, signal: AbortSignal): Promise<string> {
  return inPlantedCopy(fault.edits, (copy) => runTest(copy, fault, signal));
}

/** Does the work in a copy of the working tree that has these edits, and is gone afterwards. @throws Error when one does not fit */
export async function inPlantedCopy<T>(edits: readonly Edit[], work: (copy: string) => Promise<T>): Promise<T> {
  const copy = mkdtempSync(path.join(tmpdir(), "rekey-planted-"));
  try {
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
    for (const edit of edits) plant(copy, edit);
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** @throws Error when the code has changed so that the fault no longer fits; whoever changed it plants it anew. */
function plant(copy: string, { file, find, replace }: Edit): void {
  const target = path.join(copy, file);
  const [before, after, ...others] = readFileSync(target, "utf8").split(find);
  if (before === undefined || after === undefined || others.length > 0)
    throw new Error(`A planted fault fits ${file} no more: what it replaces must stand there once: ${find.trim()}`);
  writeFileSync(target, before + replace + after);
}

async function runTest(copy: string, { test, database }: PlantedFault, signal: AbortSignal): Promise<string> {
  const postgres = database === "postgres" ? await startPostgres() : undefined;
  try {
    const args = [
      "--disable-warning=ExperimentalWarning",
      `--import=${copy}/scripts/tsx.mjs`,
      "--test",
      "--test-isolation=none",
      "--test-force-exit",
      "--test-reporter=spec",
      `--test-name-pattern=${test.name.replace(/[^\w\s]/g, "\\$&")}`,
      test.file,
    ];
    const env = postgres
      ? { REKEY_TEST_DATABASE: postgres.url, REKEY_TEST_DATABASE_DIR: postgres.directory }
      : { REKEY_TEST_DATABASE: "embedded" };
    const { output } = await runNode(args, { cwd: copy, env, signal });
    return output;
  } finally {
    await postgres?.stop();
  }
}
