import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { takeTurns } from "./turns.ts";

suite("Turns", () => {
  test("are held by one at a time, first come, first served", async () => {
    const turns = takeTurns(10_000);
    const order: string[] = [];
    await Promise.all(
      ["first", "second", "third"].map(async (name) => {
        const turn = turns();
        await turn.take();
        order.push(`${name} in`);
        await pause(5);
        order.push(`${name} out`);
        turn.release();
      }),
    );
    assert.deepEqual(order, ["first in", "first out", "second in", "second out", "third in", "third out"]);
  });

  test("go on without who holds theirs longer than the patience, and without who never asked", async () => {
    const turns = takeTurns(20);
    const [slow, quick, absent, last] = [turns(), turns(), turns(), turns()];
    await slow.take();
    const before = performance.now();
    await quick.take();
    assert(performance.now() - before >= 15);
    absent.release();
    quick.release();
    await last.take();
    last.release();
    last.release();
  });
});
