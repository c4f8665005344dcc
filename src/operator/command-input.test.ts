import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";

import { emptyEnvironment, runCommandLine, startProgram } from "../../test/support/program.ts";

const directory = mkdtempSync(path.join(tmpdir(), "rekey-input-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

const HEADER = "Email,First Name,Last Name";

suite("what a command reads", () => {
  test("comes from a file or from standard input, through a running server or without one", async () => {
    const environment = await emptyEnvironment();
    const program = await startProgram(environment);
    assert(program.origin, program.stderr());
    const file = fileOf(`\uFEFF${HEADER}\r\nmaria@input.example,Maria,Gonzalez\r\n`);
    const fromFile = await runCommandLine(environment, ["user", "import", file]);
    assert.equal(fromFile.stdout, "1 user has been imported.\n", fromFile.stderr);
    const large = await runCommandLine(environment, ["user", "import", fileOf("x".repeat(40 * 1024 * 1024))]);
    assert.deepEqual([large.exitCode, /at most 10 MB/.test(large.stderr)], [1, true], large.stderr);
    const missing = await runCommandLine(environment, ["user", "import", path.join(directory, "nothing.csv")]);
    assert.equal(missing.exitCode, 1);
    assert.match(missing.stderr, /^\S*nothing\.csv cannot be read: ENOENT: no such file[^\n]*\n$/);
    assert.equal(await program.stop("SIGTERM"), 0);

    const rows = Array.from({ length: 2_000 }, (_, number) => `p${number}@input.example,Pat,Last${number}`);
    const fromInput = await runCommandLine(environment, ["user", "import", "-"], [HEADER, ...rows].join("\n"));
    assert.equal(fromInput.stdout, "2,000 users have been imported.\n", fromInput.stderr);
    const list = await runCommandLine(environment, ["user", "list", "--json"]);
    assert.equal((JSON.parse(list.stdout) as object[]).length, 2_002);
  });
});

function fileOf(text: string): string {
  const file = path.join(directory, `${text.length}.csv`);
  writeFileSync(file, text);
  return file;
}
