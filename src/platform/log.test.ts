import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { jsonLog } from "./log.ts";

/** Every control character (C1 among them, of which U+009B begins what ESC [ does), and what ends a line elsewhere. */
const CONTROLS = [...range(0x00, 0x1f), ...range(0x7f, 0x9f), 0x2028, 0x2029].map((code) => String.fromCodePoint(code));

suite("a log line", () => {
  test("L4 is one line of JSON without a control character, whatever it speaks of", () => {
    const lines: string[] = [];
    const log = jsonLog("debug", (line) => lines.push(line));
    const hostile = CONTROLS.map((character) => `a${character}{"level":"error"}${character}`);
    for (const text of hostile) log.warn(text, { answer: text, [text]: text });
    assert.equal(lines.length, hostile.length);
    for (const [number, line] of lines.entries()) {
      assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\u2028\u2029]/u);
      assert(line.endsWith("\n"));
      const text = hostile[number] ?? "";
      const { level, message, answer, [text]: named } = JSON.parse(line) as Record<string, string>;
      assert.deepEqual([level, message, answer, named], ["warn", text, text, text], "nothing is lost");
    }
  });
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
