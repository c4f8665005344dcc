import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import type { Answer } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { mailLink, redeem, redeemOnPage } from "../../test/support/reset-link.ts";
import { type SecondProcess, startSecondProcess } from "../../test/support/second-process.ts";
import { rowsOf } from "../../test/support/tables.ts";
import { recoveryIdOf } from "./reset-link.ts";

const rekey = await testRekey();

const HELD_FOR_MS = 1_500;
/** On the embedded database, which has one connection, fewer already say all that there is to say. */
const RACERS = rekey.shareable ? 200 : 60;

suite("T3: a link that is redeemed many times at once", () => {
  let second: SecondProcess | undefined;
  before(async () => (second = await startSecondProcess(rekey)));
  after(() => second?.stop());

  test("sets exactly one password, through the page or the API, on one process or two", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    for (let round = 1; round <= times({ quick: 1, full: 20 }); round += 1) {
      const maria = await oak.addUser({ email: `maria${round}@race.example` });
      const token = await oak.mailedToken(maria, admin);
      const doors = [oak, second ? oak.at(second.base) : oak];
      const answers = await afterHolding(oak, token, () => race(oak, token, doors));
      assert.deepEqual(
        Map.groupBy(answers, ({ status }) => (status === 303 ? 204 : status))
          .entries()
          .map(([status, { length }]) => ({ status, length }))
          .toArray()
          .toSorted((a, b) => a.status - b.status),
        [
          { status: 204, length: 1 },
          { status: 409, length: RACERS - 1 },
        ],
        `round ${round}`,
      );
      await oak.signIn(maria, passwordOf(answers.findIndex(({ status }) => status < 400)));
      await assertOneChange(oak, maria);
    }
  });

  test("stays used when the same person is sent another one and uses that, too", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const maria = await oak.addUser();
    const [first, next] = [await use(), await use()];
    assert.equal((await redeem(oak, first)).status, 409, "the first link stays used");
    assert.equal((await redeem(oak, next)).status, 409);

    async function use(): Promise<string> {
      const token = await mailLink(oak, "admin", { user: maria, admin });
      assert.equal((await redeem(oak, token)).status, 204);
      return token;
    }
  });
});

/**
 * Holds the recovery's row while the first racers arrive at it, so that they go on at the same moment rather than as their
 * hashes are done. The embedded database has one connection, which nobody may hold.
 */
async function afterHolding<T>(oak: TestInstance, token: string, work: () => Promise<T>): Promise<T> {
  if (!rekey.shareable) return work();
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const holding = oak.deps.db.inInstance(oak.instance.id, async (tx) => {
    await tx
      .selectFrom("recoveries")
      .select("id")
      .where("instance_id", "=", oak.instance.id)
      .where("id", "=", recoveryIdOf(token) ?? null)
      .forUpdate()
      .executeTakeFirstOrThrow();
    resolve();
    await pause(HELD_FOR_MS);
  });
  await held;
  const [result] = await Promise.all([work(), holding]);
  return result;
}

/** @returns the answers to everybody who redeems the link at the same moment, each with a password of their own. */
function race(oak: TestInstance, token: string, doors: readonly TestInstance[]): Promise<readonly Answer[]> {
  return Promise.all(
    Array.from({ length: RACERS }, (_, number) => {
      const at = doors[number % doors.length] ?? oak;
      return number % 4 < 2 ? redeem(at, token, passwordOf(number)) : redeemOnPage(at, token, passwordOf(number));
    }),
  );
}

function passwordOf(number: number): string {
  return `violet harbor thunder ${number}`;
}

/** Everything that belongs to a redemption happened once, and every refusal was recorded. */
async function assertOneChange(oak: TestInstance, user: TestUser): Promise<void> {
  const [audit, events, emails, recoveries] = await Promise.all([
    rowsOf(oak, "audit_events"),
    rowsOf(oak, "recovery_events"),
    rowsOf(oak, "emails"),
    rowsOf(oak, "recoveries"),
  ]);
  const recovery = recoveries.find(({ user_id: userId }) => userId === user.id);
  const count = (action: string, result: string): number =>
    audit.filter((event) => event.action === action && event.result === result && event.target_id === user.id).length;
  assert.deepEqual(
    {
      completed: count("recovery.complete", "ok"),
      refused: count("recovery.complete", "refused"),
      changes: count("password.change", "ok"),
      timeline: events.filter(({ recovery_id: id, event }) => id === recovery?.id && event === "completed").length,
      notices: emails.filter(({ user_id: id, kind }) => id === user.id && kind === "password_changed").length,
    },
    { completed: 1, refused: RACERS - 1, changes: 1, timeline: 1, notices: 1 },
  );
}
