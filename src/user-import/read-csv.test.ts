import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { RekeyError } from "#lib/errors.ts";
import { times } from "../../test/support/numbers.ts";
import { Random } from "../../test/support/random.ts";
import { CsvFault, type CsvRow, LARGEST_FILE_BYTES, readCsv } from "./read-csv.ts";

suite("reading a CSV file", () => {
  test("takes commas, semicolons and tabs, whichever the header has first, and any kind of line end", async () => {
    for (const [text, cells] of [
      [
        "a,b\n1,2;3\n",
        [
          ["a", "b"],
          ["1", "2;3"],
        ],
      ],
      [
        "a;b\r\n1;2,3\r\n",
        [
          ["a", "b"],
          ["1", "2,3"],
        ],
      ],
      [
        "a\tb\r1\t2,3",
        [
          ["a", "b"],
          ["1", "2,3"],
        ],
      ],
      [
        "\uFEFFa,b\n1,2",
        [
          ["a", "b"],
          ["1", "2"],
        ],
      ],
      [
        '\uFEFF"a;x","b"\n1,2',
        [
          ["a;x", "b"],
          ["1", "2"],
        ],
      ],
      ["email\nx,y\n", [["email"], ["x", "y"]]],
      [
        "a,b,\n1,,\n",
        [
          ["a", "b", ""],
          ["1", "", ""],
        ],
      ],
      [
        'a,b\n"x, ""y""",5" wide\n"",\n',
        [
          ["a", "b"],
          ['x, "y"', '5" wide'],
          ["", ""],
        ],
      ],
      ["", []],
      ["\uFEFF", []],
      ["\n\r\n\r", []],
    ] as const) {
      assert.deepEqual(
        (await read(text)).map((row) => row.cells),
        cells,
        JSON.stringify(text),
      );
    }
  });

  test("counts lines as an editor does, also where a cell spans several", async () => {
    for (const newline of ["\n", "\r\n", "\r"]) {
      const text = ["a,b", '1,"x', 'y, ""z""', '"', "", "2,3", '"', '",4', "5,6"].join(newline);
      assert.deepEqual(
        (await read(text)).map(({ line, cells }) => [line, cells[0]?.trim()]),
        [
          [1, "a"],
          [2, "1"],
          [6, "2"],
          [7, ""],
          [9, "5"],
        ],
        JSON.stringify(newline),
      );
    }
  });

  test("says on which line it stops making sense", async () => {
    for (const [text, line, words] of [
      ['a,b\n1,2\n3,"4\n5,6\n', 3, /none closes it/],
      ['a,b\n"1"2,3\n', 2, /follows a closing quotation mark/],
      ['a,b\n1,"x\r\ny"z\n', 3, /follows a closing quotation mark/],
      [Buffer.from("a,b\nx,y\nGarc\xEDa,2\n", "latin1"), 3, /not UTF-8/],
      [Buffer.from("\uFEFFa,b\n1,2\n", "utf16le"), 1, /not UTF-8/],
      [Buffer.from("a,b\n1,2\n", "utf16le"), 1, /not UTF-8/],
      ["a,b\n1,\uFFFD\n", 2, /not UTF-8/],
    ] as const) {
      await assert.rejects(
        read(text),
        (error) => error instanceof CsvFault && error.line === line && words.test(error.message),
        JSON.stringify(text),
      );
    }
  });

  test("gives what came before a fault", async () => {
    const rows: string[] = [];
    await assert.rejects(async () => {
      for await (const { cells } of readCsv([Buffer.from('a,b\n1,2\n"')])) rows.push(cells.join());
    }, CsvFault);
    assert.deepEqual(rows, ["a,b", "1,2"]);
  });

  test("reads any table back as it was written, in whatever pieces it arrives", async () => {
    const random = new Random(4180);
    for (let done = 0; done < times({ quick: 200, full: 5_000 }); done += 1) {
      const delimiter = random.pick([",", ";", "\t"]);
      const newline = random.pick(["\n", "\r\n", "\r"]);
      const width = random.between(2, 5);
      const table = random.many(random.between(1, 6), () => random.many(width, () => cellOf(random)));
      const text = table.map((cells) => cells.map((cell) => written(cell, random)).join(delimiter)).join(newline);
      const rows = await read(`x${delimiter}y${newline}${text}`, random);
      assert.deepEqual(
        rows.slice(1).map(({ cells }) => cells),
        table,
        JSON.stringify(text),
      );
      let line = 2;
      for (const [index, row] of rows.slice(1).entries()) {
        assert.equal(row.line, line, `row ${index} of ${JSON.stringify(text)}`);
        line += 1 + (table[index] ?? []).join("").split(/\r\n|\r|\n/).length - 1;
      }
    }
  });

  test("stops at ten megabytes, however they arrive", async () => {
    const line = Buffer.from("x".repeat(1023) + "\n");
    const lines = (count: number): Buffer[] => Array.from({ length: count }, () => line);
    let rows = 0;
    for await (const _ of readCsv(lines(LARGEST_FILE_BYTES / 1024))) rows += 1;
    assert.equal(rows, LARGEST_FILE_BYTES / 1024);
    await assert.rejects(
      async () => {
        for await (const _ of readCsv(lines(LARGEST_FILE_BYTES / 1024 + 1))) rows += 1;
      },
      (error) => error instanceof RekeyError && error.code === "too_large" && error.detail.includes("10 MB"),
    );
  });
});

const PIECES = [..."abc ÄßЖ日🦔,;\t\"'=@<>", '""', "\n", "\r\n", "\r", "\uFEFFx"];

/** Line ends are kept apart, so that each is one whatever stands beside it. */
function cellOf(random: Random): string {
  return random.many(random.between(0, 5), () => `${random.pick(PIECES)}.`).join("");
}

function written(cell: string, random: Random): string {
  const mustQuote = /[",;\t\r\n]/.test(cell);
  return mustQuote || random.happens(0.3) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

async function read(text: string | Buffer, random?: Random): Promise<readonly CsvRow[]> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = random ? random.between(1, 9) : 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  const rows: CsvRow[] = [];
  for await (const row of readCsv(pieces)) rows.push(row);
  return rows;
}
