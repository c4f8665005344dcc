import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { fairLine } from "./fair-line.ts";

const FULL = new Error("full");

suite("A fair line", () => {
  test("serves so many at once, and crowds in turn, each first come, first served", async () => {
    const { line, order, finish } = observed({ atOnce: 2, longest: 10 });
    const all = ["a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1"].map((name) => line(name));
    await passed();
    assert.deepEqual(order, ["a1", "a2"]);
    for (const name of ["a1", "a2", "a3", "b1", "c1", "a4", "b2", "a5"]) await finish(name);
    await Promise.all(all);
    assert.deepEqual(order, ["a1", "a2", "a3", "b1", "c1", "a4", "b2", "a5"]);
  });

  test("refuses whom there is no room for, and nobody of another crowd", async () => {
    const { line, order, finish } = observed({ atOnce: 1, longest: 2 });
    const all = ["a1", "a2", "a3", "b1"].map((name) => line(name));
    await assert.rejects(line("a4"), FULL);
    for (const name of ["a1", "a2", "b1", "a3"]) await finish(name);
    await Promise.all(all);
    assert.deepEqual(order, ["a1", "a2", "b1", "a3"]);
  });

  test("goes on after work that fails, and is as free as before when all have left", async () => {
    const line = fairLine({ atOnce: 1, longest: 1 }, () => FULL);
    const failing = line("a", () => Promise.reject(new Error("in vain")));
    const next = line("a", () => Promise.resolve("done"));
    await assert.rejects(failing, /in vain/);
    assert.equal(await next, "done");
    const results = await Promise.all([line("a", () => Promise.resolve(1)), line("b", () => Promise.resolve(2))]);
    assert.deepEqual(results, [1, 2]);
  });
});

/** @returns a line whose people, named by their crowd's letter, are served until each is told to finish. */
function observed(limits: { atOnce: number; longest: number }) {
  const line = fairLine(limits, () => FULL);
  const order: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    order,
    line: (name: string) =>
      line(name.charAt(0), () => {
        order.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      }),
    finish: async (name: string) => {
      ends.get(name)?.();
      await passed();
    },
  };
}

/** Whoever's turn it is has begun. */
function passed(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
