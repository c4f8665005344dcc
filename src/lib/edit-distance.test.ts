import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { editDistance } from "./edit-distance.ts";

suite("the distance between two texts", () => {
  for (const [one, other, distance] of [
    ["", "", 0],
    ["gmail.com", "gmail.com", 0],
    ["gmail.com", "gmial.com", 1],
    ["gmail.com", "gmai.com", 1],
    ["gmail.com", "gmaill.com", 1],
    ["gmail.com", "gnail.com", 1],
    ["oakrecovery.example", "oakrecvery.exmaple", 2],
    ["müller.example", "muller.example", 1],
    ["oak", "elm", 3],
    ["", "oak", 3],
  ] as const) {
    test(`of ${one || "nothing"} and ${other || "nothing"} is ${distance}, both ways`, () => {
      assert.equal(editDistance(one, other), distance);
      assert.equal(editDistance(other, one), distance);
    });
  }
});
