import assert from "node:assert/strict";
import { test } from "node:test";

import { exactWords, relativeWords } from "./relative-time.ts";

const now = new Date("2026-11-21T14:24:00Z");
const after = (seconds: number): string => relativeWords(new Date(now.getTime() + seconds * 1000), now);

test("says how long ago a moment was in the largest unit that fits", () => {
  const said = [0, -44, -46, -4 * 60, -59 * 60, -60 * 60, -23 * 3600, -24 * 3600, -27 * 86_400].map(after);
  const words = ["just now", "just now", "1 min ago", "4 min ago", "59 min ago", "1 h ago", "23 h ago", "1 day ago"];
  assert.deepEqual(said, [...words, "27 days ago"]);
});

test("says of what has happened that it is past, where the clock that it was told by is ahead", () => {
  assert.equal(after(20), "just now");
});

test("gives the date from four weeks on", () => {
  assert.equal(after(-28 * 86_400), "24 Oct 2026");
});

test("says the exact moment in the instance's time zone", () => {
  assert.equal(exactWords(now), "21 Nov 2026, 14:24 UTC");
  assert.equal(exactWords(new Date("2026-09-01T12:00:00Z"), "Europe/Berlin"), "1 Sep 2026, 14:00 CEST");
});
