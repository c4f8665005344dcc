import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";

import { times } from "../../test/support/numbers.ts";
import { type ListForm, sha1, writeHashes } from "../../test/support/password-list.ts";
import { examinePasswordList, openPasswordList } from "./password-list.ts";

const directory = mkdtempSync(path.join(tmpdir(), "rekey-list-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
const FILE = path.join(directory, "list.txt");

const HASHES = Array.from({ length: 100_000 }, (_, number) => sha1(`password ${number}`)).toSorted();
const FIRST = HASHES[0] ?? "";
const LAST = HASHES.at(-1) ?? "";

const FORMS: readonly Required<ListForm>[] = (["\n", "\r\n"] as const).flatMap((lineEnd) =>
  [true, false].flatMap((hasCounts) => [true, false].map((endsWithLine) => ({ lineEnd, hasCounts, endsWithLine }))),
);

/** The hash that would stand right behind this one, or right before it. */
function beside(hash: string, step: 1n | -1n): string {
  return (BigInt(`0x${hash}`) + step).toString(16).toUpperCase().padStart(40, "0");
}

suite("P3: the operator's list of leaked passwords", () => {
  for (const form of FORMS) {
    const { lineEnd, hasCounts, endsWithLine } = form;
    const name = `${lineEnd === "\n" ? "LF" : "CRLF"}, ${hasCounts ? "with" : "without"} counts, ${endsWithLine ? "with" : "without"} an end of the last line`;

    test(`P3 what is among 100,000 hashes is found, the first and the last too, and none of their neighbours: ${name}`, async () => {
      writeHashes(FILE, HASHES, form);
      examinePasswordList(FILE);
      const list = await openPasswordList(FILE);
      const every = times({ quick: 499, full: 7 });
      const tried = HASHES.filter((_, at) => at % every === 0 || at < 20 || at >= HASHES.length - 20);
      for (const hash of tried) {
        assert.equal(await list.has(hash), true, hash);
        assert.equal(await list.has(beside(hash, 1n)), false, `behind ${hash}`);
        assert.equal(await list.has(beside(hash, -1n)), false, `before ${hash}`);
      }
      assert.equal(await list.has("0".repeat(40)), false, "before the first");
      assert.equal(await list.has("F".repeat(40)), false, "behind the last");
      await list.close();
    });

    test(`P3 a list of one, two or three is searched to its ends: ${name}`, async () => {
      for (const length of [1, 2, 3]) {
        const few = [FIRST, HASHES[50_000] ?? "", LAST].slice(0, length);
        writeHashes(FILE, few, form);
        examinePasswordList(FILE);
        const list = await openPasswordList(FILE);
        for (const hash of [FIRST, HASHES[50_000] ?? "", LAST])
          assert.equal(await list.has(hash), few.includes(hash), `${hash} of ${length}`);
        await list.close();
      }
    });
  }

  const refused = (content: string | Buffer, why: RegExp): void => {
    writeFileSync(FILE, content);
    assert.throws(() => examinePasswordList(FILE), why);
  };

  test("what cannot be searched is refused with why, and nothing of it is repeated", () => {
    const lines = HASHES.slice(0, 1_000).map((hash) => `${hash}:3`);
    const swapped = (a: number, b: number): string =>
      lines
        .with(a, lines[b] ?? "")
        .with(b, lines[a] ?? "")
        .join("\n");
    refused("", /it is empty/);
    refused(swapped(0, 999), /it is not sorted/);
    refused(swapped(0, 500), /it is not sorted/);
    refused(lines.toReversed().join("\n"), /it is not sorted/);
    refused(`${"0123456789ABCDEF".repeat(2)}:5\n`.repeat(9), /NTLM hashes/);
    refused(lines.join("\n").toLowerCase(), /at byte 0 is not in upper case/);
    refused(`\uFEFF${lines.join("\n")}`, /no such line at byte 0/);
    refused(["hash:count", ...lines].join("\n"), /no such line at byte 0/);
    refused(`${lines.join("\n")}\n\n`, /no such line at byte 43000/);
    refused([...lines, "correct horse battery staple"].join("\n"), /no such line at byte 43000$/);
    refused(`${"x".repeat(10_000)}\n`, /no such line/);
    refused(Buffer.alloc(5_000), /no such line/);
    refused(lines.map((line) => `${line};1`).join("\n"), /no such line/);
    mkdirSync(path.join(directory, "folder"));
    assert.throws(() => examinePasswordList(path.join(directory, "folder")), /no ordinary file/);
    assert.throws(() => examinePasswordList(path.join(directory, "missing.txt")), /ENOENT/);
  });

  test("a list that is cut while it is in use stops the work rather than let a password pass", async () => {
    writeHashes(FILE, HASHES);
    const list = await openPasswordList(FILE);
    truncateSync(FILE, 1_000);
    await assert.rejects(list.has(LAST), /was cut while it was in use/);
    await list.close();
  });
});
