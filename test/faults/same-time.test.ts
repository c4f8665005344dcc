import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { lockOut } from "../support/lock-out.ts";
import { times } from "../support/numbers.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { areaOf, assertSameTime, type Pairs, timePairs } from "../support/same-time.ts";
import { areJobsDone, forgetLimits, passTimeUntilIdle, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

const PAIRS = times({ quick: 30, full: 2_000 });
const RUNS = times({ quick: 1, full: 3 });
const PEOPLE = 40;

/** What a stranger does for one name. @returns how long the answer took, in milliseconds. */
type Ask = (identifier: string) => Promise<number>;

suite("E2: a stranger is answered in the same time, whether an account exists or not", () => {
  let oak: TestInstance;

  before(async () => {
    oak = await rekey.createInstance();
    for (let number = 0; number < PEOPLE; number += 1)
      await oak.addUser({ username: `person-${number}a`, email: `person-${number}a@oak.example` });
  });
  after(() => untilIdle(oak));

  test("E2 by Sign in", () =>
    compare(async (identifier) => {
      const tookMs = await timeOf("/session", { identifier, password: "not the right one" });
      await forgetLimits(oak);
      return tookMs;
    }));

  test("E2 by Sign in with the right password, while locked", async () => {
    const locked = await oak.addUser();
    await lockOut(oak, locked.id);
    const identifiers = { a: locked.username, x: "n".repeat(locked.username.length) };
    const ask = (letter: "a" | "x") => async () => {
      const tookMs = await timeOf("/session", { identifier: identifiers[letter], password: locked.password });
      await forgetLimits(oak);
      return tookMs;
    };
    for (let run = 1; run <= RUNS; run += 1)
      assertSameTime(await timePairs(PAIRS, ask("a"), ask("x")), "the right password against nobody's");
  });

  test("E2 by Forgot password?", () => compare(askForLink));

  test("E2 by Contact your administrator", () =>
    compare((person) =>
      askAndWait("/support-requests", {
        name: "Somebody",
        email: `${person}@oak.example`,
        message: "I cannot sign in",
      }),
    ));

  test("E2 by Find your instance", () =>
    compare(async (person) => {
      const tookMs = await timeOf("/instance-requests", { email: `${person}@oak.example` });
      // What the worker would do looks into every instance of all tests.
      await oak.deps.db.inInstance(oak.instance.id, (tx) => tx.deleteFrom("jobs").execute());
      return tookMs;
    }));

  test("E2 by Forgot password? while the mail server is down", async () => {
    await rekey.sink.pause();
    await compare(askForLink);
    await rekey.sink.resume();
    await passTimeUntilIdle(rekey, oak);
  });

  /**
   * What the worker does for it is over before the next is timed, as it is for a stranger who waits a moment. The limits are
   * forgotten, so that each has its turn at once, though all come from one source.
   */
  async function askAndWait(target: string, json: object): Promise<number> {
    const tookMs = await timeOf(target, json);
    oak.deps.wakeWorker();
    while (!(await areJobsDone(oak))) await pause(1);
    if (rekey.sink.isListening) await untilIdle(oak);
    await forgetLimits(oak);
    return tookMs;
  }

  function askForLink(identifier: string): Promise<number> {
    return askAndWait("/recovery-requests", { identifier });
  }

  async function timeOf(target: string, json: object): Promise<number> {
    const startedAt = performance.now();
    await oak.request(`/api/v1${target}`, { method: "POST", json });
    return performance.now() - startedAt;
  }

  async function compare(asking: Ask): Promise<void> {
    const named = (letter: string) => (pair: number) => asking(`person-${pair % PEOPLE}${letter}`);
    assertSameTime(await timePairs(PAIRS, named("x"), named("y")), "nobody against nobody");
    for (let run = 1; run <= RUNS; run += 1)
      assertSameTime(await timePairs(PAIRS, named("a"), named("x")), "somebody against nobody");
  }
});

test("E2 the check itself sees two hundredths more time", () => {
  const noise = (): number => 20 + 4 * (Math.random() + Math.random() + Math.random());
  const same: Pairs = { first: Array.from({ length: 2_000 }, noise), second: Array.from({ length: 2_000 }, noise) };
  assertSameTime(same, "the same");
  const slower = { ...same, first: same.first.map((ms) => ms * 1.02) };
  assert(areaOf(slower) > 0.53);
  assert.throws(() => assertSameTime(slower, "slower"), assert.AssertionError);
});
