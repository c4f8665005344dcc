import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { HOUR_MS } from "#lib/clock.ts";
import { requireNewPassword } from "#recovery/require-new-password.ts";
import { setTemporaryPassword } from "#recovery/set-temporary-password.ts";
import { deactivateUser } from "#user-management/deactivate-user.ts";
import { essenceOf } from "../support/essence.ts";
import { freeze } from "../support/frozen-user.ts";
import type { Answer } from "../support/http.ts";
import { lockOut } from "../support/lock-out.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey, type TestUser } from "../support/rekey.ts";
import { passTimeUntilIdle, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

/** Everybody whom a stranger could name, by a user name and an address of the same length. */
const PEOPLE = {
  "nobody at all": "person-0",
  "an active user": "person-1",
  "an inactive user": "person-2",
  "a user with No Access": "person-3",
  "a user who never accepted the invitation": "person-4",
  "a user with a live link": "person-5",
  "a user over the quota of self-service": "person-6",
  "a user with a temporary password": "person-7",
  "a user with a temporary password that has expired": "person-8",
  "a user of whom a new password is required": "person-9",
  "a user who is locked out": "person-a",
  "a user whose account is frozen": "person-b",
};

/** What a stranger can do, and with which passwords. */
const ASKING: Readonly<Record<string, (oak: TestInstance, identifier: string, password: string) => Promise<Answer>>> = {
  "Forgot password? on the page": (oak, identifier) => oak.request("/forgot-password", { form: { identifier } }),
  "Forgot password? by the API": (oak, identifier) => oak.api("POST", "/recovery-requests", { json: { identifier } }),
  "Contact your administrator on the page": (oak, email) =>
    oak.request("/contact", { form: { name: "Somebody", email, message: "Help" } }),
  "Contact your administrator by the API": (oak, email) =>
    oak.api("POST", "/support-requests", { json: { name: "Somebody", email, message: "Help" } }),
  "Find your instance on the page": (oak, email) => oak.request("/find-instance", { form: { email } }),
  "Find your instance by the API": (oak, email) => oak.api("POST", "/instance-requests", { json: { email } }),
  "Sign in on the page": (oak, identifier, password) => oak.request("/sign-in", { form: { identifier, password } }),
  "Sign in by the API": (oak, identifier, password) => oak.api("POST", "/session", { json: { identifier, password } }),
};

suite("E1: a stranger is told the same, to the byte, whoever they ask for", () => {
  let oak: TestInstance;
  let temporary = "";

  before(async () => {
    oak = await rekey.createInstance();
    const add = (username: string, of: { role?: "no_access"; password?: null } = {}) =>
      oak.addUser({ username, email: `${username}@oak.example`, ...of });
    await add(PEOPLE["an active user"]);
    const inactive = await add(PEOPLE["an inactive user"]);
    await deactivateUser(oak.deps, oak.scope, { userId: inactive.id });
    await add(PEOPLE["a user with No Access"], { role: "no_access" });
    await add(PEOPLE["a user who never accepted the invitation"], { password: null });
    await oak.mailedToken(await add(PEOPLE["a user with a live link"]), await oak.asOwner());
    await add(PEOPLE["a user over the quota of self-service"]);
    const { id: userId } = await add(PEOPLE["a user of whom a new password is required"]);
    await requireNewPassword(oak.deps, oak.scope, { userId });
    await giveTemporaryPassword(await add(PEOPLE["a user with a temporary password that has expired"]));
    rekey.clock.advance(25 * HOUR_MS);
    temporary = await giveTemporaryPassword(await add(PEOPLE["a user with a temporary password"]));
    for (let time = 1; time <= 6; time += 1) {
      await oak.api("POST", "/recovery-requests", {
        json: { identifier: PEOPLE["a user over the quota of self-service"] },
      });
      await untilIdle(oak);
      rekey.clock.advance(61_000);
    }
    await lockOut(oak, (await add(PEOPLE["a user who is locked out"])).id);
    await freeze(oak, (await add(PEOPLE["a user whose account is frozen"])).id);
  });

  for (const [act, ask] of Object.entries(ASKING)) {
    test(act, () => assertSame(ask, "not the right password"));
  }

  test("Sign in with the right password, for who may not sign in", async () => {
    const barred = [
      "nobody at all",
      "an inactive user",
      "a user with No Access",
      "a user with a temporary password",
      "a user who is locked out",
      "a user of whom a new password is required",
    ] as const;
    for (const act of ["Sign in on the page", "Sign in by the API"]) {
      const ask = ASKING[act];
      assert(ask);
      await assertSame(ask, GOOD_PASSWORD, barred);
    }
    const allowed = await oak.api("POST", "/session", {
      json: { identifier: PEOPLE["an active user"], password: GOOD_PASSWORD },
    });
    assert.equal(allowed.status, 200, "the password is the right one");
  });

  test("Sign in with the right temporary password, for whom it has expired", async () => {
    const right = { identifier: PEOPLE["a user with a temporary password"], password: temporary };
    assert.equal((await oak.api("POST", "/session", { json: right })).status, 200, "it is the right one");
    rekey.clock.advance(25 * HOUR_MS);
    for (const act of ["Sign in on the page", "Sign in by the API"]) {
      const ask = ASKING[act];
      assert(ask);
      await assertSame(ask, temporary, ["nobody at all", "a user with a temporary password"]);
    }
  });

  test("Forgot password? while the mail server is away", async () => {
    rekey.clock.advance(61_000);
    await rekey.sink.pause();
    try {
      for (const act of ["Forgot password? on the page", "Forgot password? by the API"]) {
        const ask = ASKING[act];
        assert(ask);
        await assertSame(ask, "");
      }
    } finally {
      await rekey.sink.resume();
    }
    await passTimeUntilIdle(rekey, oak);
  });

  async function giveTemporaryPassword({ id: userId }: TestUser): Promise<string> {
    const verification = { method: "in_person", note: "" } as const;
    const set = await setTemporaryPassword(oak.deps, oak.scope, { userId, mode: "generated", verification });
    return set.password ?? "";
  }

  async function assertSame(
    ask: (oak: TestInstance, identifier: string, password: string) => Promise<Answer>,
    password: string,
    people: readonly (keyof typeof PEOPLE)[] = Object.keys(PEOPLE) as (keyof typeof PEOPLE)[],
  ): Promise<void> {
    for (const suffix of ["", "@oak.example"]) {
      const essences = new Map<string, unknown>();
      for (const person of people) {
        const identifier = `${PEOPLE[person]}${suffix}`;
        essences.set(person, essenceOf(await ask(oak, identifier, password), [identifier]));
      }
      const expected = essences.get("nobody at all");
      for (const [person, essence] of essences) assert.deepEqual(essence, expected, `${person} ${suffix}`);
    }
  }
});
