import assert from "node:assert/strict";
import { test } from "node:test";

import { endOfDay, startOfDay } from "./day.ts";

const DAYS: readonly (readonly [day: string, timeZone: string, start: string, end: string])[] = [
  ["2026-11-22", "UTC", "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"],
  ["2026-11-22", "America/Los_Angeles", "2026-11-22T08:00:00.000Z", "2026-11-23T08:00:00.000Z"],
  ["2026-11-22", "Asia/Kathmandu", "2026-11-21T18:15:00.000Z", "2026-11-22T18:15:00.000Z"],
  ["2026-11-22", "Pacific/Kiritimati", "2026-11-21T10:00:00.000Z", "2026-11-22T10:00:00.000Z"],
  // The clocks go forward, and back: 23 and 25 hours.
  ["2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"],
  ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
  // There is no midnight.
  ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z", "2026-09-07T03:00:00.000Z"],
  ["2026-12-31", "Europe/Berlin", "2026-12-30T23:00:00.000Z", "2026-12-31T23:00:00.000Z"],
];

for (const [day, timeZone, start, end] of DAYS)
  test(`${day} in ${timeZone} begins and ends when the clocks there say so`, () => {
    assert.equal(startOfDay(day, timeZone).toISOString(), start);
    assert.equal(endOfDay(day, timeZone).toISOString(), end);
  });

test("What is no day has no beginning and no end", () => {
  for (const text of ["", "tomorrow", "2026-13-01", "2026-02-31", "2026-11-22T10:00"])
    for (const edge of [startOfDay, endOfDay]) assert(Number.isNaN(edge(text, "UTC").getTime()), text);
});
