import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";

import { OperatorError } from "#lib/operator-error.ts";
import { SECRET_BYTES, secretOfDirectory } from "./secret-file.ts";

const root = mkdtempSync(path.join(tmpdir(), "rekey-secret-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

suite("the secret of a data directory", () => {
  test("is made once, whole, for its owner alone", () => {
    const dataDir = path.join(root, "first");
    const made = read(dataDir);
    assert.equal(made.length, SECRET_BYTES);
    assert.deepEqual(readdirSync(dataDir), ["secret"]);
    assert.equal(statSync(path.join(dataDir, "secret")).mode & 0o777, 0o600);
    mkdirSync(databaseOf(dataDir));
    assert.deepEqual(read(dataDir), made, "also once there is a database");
  });

  test("is no file that is empty, cut short, or something else", () => {
    const dataDir = path.join(root, "damaged");
    mkdirSync(dataDir);
    for (const text of ["", "garbage", Buffer.alloc(SECRET_BYTES - 1).toString("base64")]) {
      writeFileSync(path.join(dataDir, "secret"), text);
      assert.throws(() => read(dataDir), refusal(/secret holds no secret\. Put back the one from your backup/), text);
    }
  });

  test("is not made anew beside a database, whose links and record it would not fit", () => {
    const dataDir = path.join(root, "lost");
    mkdirSync(databaseOf(dataDir), { recursive: true });
    assert.throws(() => read(dataDir), refusal(/secret is missing\. Put back the one from your backup/));
    assert.deepEqual(readdirSync(dataDir), ["database"]);
  });
});

function read(dataDir: string): Buffer {
  return secretOfDirectory(dataDir, databaseOf(dataDir));
}

function databaseOf(dataDir: string): string {
  return path.join(dataDir, "database");
}

function refusal(sentence: RegExp) {
  return (error: unknown): boolean => error instanceof OperatorError && sentence.test(error.message);
}
