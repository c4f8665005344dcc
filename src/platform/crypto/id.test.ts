import assert from "node:assert/strict";
import { test } from "node:test";

import { isId, newId, timeOfId } from "./id.ts";

test("an id tells when it was made", () => {
  const before = Date.now();
  const [made] = [timeOfId(newId()).getTime()];
  assert(made >= before && made <= Date.now() + 20_000, String(made));
});

test("ids made one after the other sort in that order, however many fall into a millisecond", () => {
  const ids = Array.from({ length: 20_000 }, newId);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert(ids.every(isId));
  assert.match(ids[0] ?? "", /^.{14}7.{4}[89ab]/);
});
