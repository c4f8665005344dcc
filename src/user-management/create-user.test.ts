import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Answer, CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

const ROUNDS = times({ quick: 10, full: 200 });
const AT_ONCE = 4;

suite("Users made at the same moment", () => {
  test("with one address: one is made, the others are told that it is taken", async () => {
    await forEachRound(async (oak, admin, round) => {
      const answers = await atOnce((number) =>
        create(oak, admin, { email: `kim${round}@oak.example`, username: `kim-${round}-${number}` }),
      );
      requireOneMade(answers, "email_taken");
    });
  });

  test("with one user name: one is made, the others are told that it is taken", async () => {
    await forEachRound(async (oak, admin, round) => {
      const answers = await atOnce((number) =>
        create(oak, admin, { email: `kim${round}-${number}@oak.example`, username: `kim-${round}` }),
      );
      requireOneMade(answers, "username_taken");
    });
  });

  test("with addresses that begin alike are all made, each with a user name of their own", async () => {
    await forEachRound(async (oak, admin, round) => {
      const answers = await atOnce((number) => create(oak, admin, { email: `kim${round}@oak${number}.example` }));
      for (const { status, text } of answers) assert.equal(status, 201, text);
      const usernames = answers.map((answer) => (answer.json() as { username: string }).username);
      const expected = ["", ".2", ".3", ".4"].map((number) => `kim${round}${number}`);
      assert.deepEqual(usernames.toSorted(), expected);
    });
  });
});

/** Every round has left as many users as were made, and a refusal for each that was not. */
async function forEachRound(
  work: (oak: TestInstance, admin: CookieJar, round: number) => Promise<void>,
): Promise<void> {
  const oak = await rekey.createInstance();
  const admin = await oak.asOwner();
  for (let round = 1; round <= ROUNDS; round += 1) await work(oak, admin, round);
  const made = (await rowsOf(oak, "users")).length - 1;
  const refused = (await rowsOf(oak, "audit_events")).filter(({ result }) => result === "refused").length;
  assert.equal(made + refused, ROUNDS * AT_ONCE);
}

function atOnce(work: (number: number) => Promise<Answer>): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index + 1)));
}

function create(oak: TestInstance, cookies: CookieJar, who: { email: string; username?: string }): Promise<Answer> {
  const json = { ...who, first_name: "Kim", last_name: "Nguyen", role: "member", invite: false };
  return oak.api("POST", "/users", { json, cookies });
}

function requireOneMade(answers: readonly Answer[], code: string): void {
  const [made, ...refused] = answers.toSorted((one, other) => one.status - other.status);
  assert.equal(made?.status, 201, made?.text);
  for (const answer of refused) assert.deepEqual([answer.status, codeOf(answer)], [409, code], answer.text);
}
