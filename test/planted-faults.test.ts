import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { suite, test } from "node:test";

import { PLANTED_FAULTS } from "./planted-faults.ts";
import { ROOT } from "./support/child.ts";

suite("planted faults", () => {
  for (const { row, sentence, edits } of PLANTED_FAULTS)
    test(`${row} ${sentence}: what is changed for it stands in the code once`, async () => {
      for (const { file, find } of edits) {
        const parts = (await readFile(`${ROOT}/${file}`, "utf8")).split(find);
        assert.equal(parts.length, 2, `${file}: ${find}`);
      }
    });
});
