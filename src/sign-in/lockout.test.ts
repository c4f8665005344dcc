import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { holdUser } from "../../test/support/held-user.ts";
import { CookieJar } from "../../test/support/http.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { GOOD_PASSWORD, type TestInstance, type TestUser, testRekey } from "../../test/support/rekey.ts";
import { codeOf, redeem } from "../../test/support/reset-link.ts";
import { startSecondProcess } from "../../test/support/second-process.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

const ALLOWED = 10;
const LOCKED_MS = 60 * MINUTE_MS;

suite("Lockout", () => {
  test("begins with the tenth failure in a row, and ends to the millisecond after an hour", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      await fail(oak, maria, ALLOWED - 1);
      assert.equal((await tryIn(oak, maria.username)).status, 200, "nine are forgiven");
      await fail(oak, maria, ALLOWED);
      const refused = await tryIn(oak, maria.email);
      assert.deepEqual([refused.status, codeOf(refused)], [401, "invalid_credentials"], "even to the right password");
      rekey.clock.advance(LOCKED_MS - 1);
      assert.equal((await tryIn(oak, maria.username)).status, 401);
      rekey.clock.advance(1);
      assert.equal((await tryIn(oak, maria.username)).status, 200);
    } finally {
      rekey.clock.run();
    }
  });

  test("is not prolonged by attempts meanwhile, and counts anew when it is over", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      await fail(oak, maria, ALLOWED);
      rekey.clock.advance(LOCKED_MS - MINUTE_MS);
      await fail(oak, maria, ALLOWED);
      rekey.clock.advance(MINUTE_MS);
      await fail(oak, maria, ALLOWED - 1);
      assert.equal((await tryIn(oak, maria.username)).status, 200);
    } finally {
      rekey.clock.run();
    }
  });

  test("forgets failures that nothing followed for a day", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    await fail(oak, maria, ALLOWED - 1);
    rekey.clock.advance(24 * 60 * MINUTE_MS + SECOND_MS);
    await fail(oak, maria, 1);
    assert.equal((await tryIn(oak, maria.username)).status, 200);
  });

  test("counts user name and address as one, and says nothing: a name that nobody has is answered alike", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const answers = { maria: new Set<string>(), nobody: new Set<string>() };
    for (let number = 1; number <= ALLOWED + 2; number += 1) {
      const [known, unknown] = [number % 2 === 0 ? maria.email : maria.username.toUpperCase(), "nobody.at.all"];
      answers.maria.add(await essenceOf(oak, known));
      answers.nobody.add(await essenceOf(oak, unknown));
    }
    assert.equal((await tryIn(oak, maria.username)).status, 401, "locked");
    assert.deepEqual([...answers.maria], [...answers.nobody]);
    const rows = await rowsOf(oak, "sign_in_failures");
    assert.equal(rows.length, 2, "one count each");
    assert(
      rows.every((row) => row.locked_until !== null),
      "a name that nobody has is locked as well",
    );
    assert(
      !JSON.stringify(rows).includes("nobody"),
      "what was typed as a name, which may be a password, is not kept there",
    );
  });

  test("F4: leaves the reset link working, and the new password ends it", async () => {
    const oak = await rekey.createInstance();
    const [maria, owner] = [await oak.addUser(), await oak.asOwner()];
    await fail(oak, maria, ALLOWED);
    const token = await oak.mailedToken(maria, owner);
    assert.equal((await redeem(oak, token, NEW_PASSWORD)).status, 204);
    assert.equal((await tryIn(oak, maria.username, { password: NEW_PASSWORD })).status, 200);
    assert.equal((await rowsOf(oak, "sign_in_failures")).length, 0);
  });

  test("F4: does not stop a browser that signed in before, which has ten failures of its own", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const known = await oak.signIn(maria);
    await fail(oak, maria, ALLOWED);
    assert.equal((await tryIn(oak, maria.username)).status, 401);
    assert.equal((await tryIn(oak, maria.username, { cookies: known })).status, 200);
    assert.equal((await tryIn(oak, maria.username)).status, 401, "which does not let others in");
    for (let number = 1; number <= ALLOWED; number += 1)
      await tryIn(oak, maria.username, { password: "wrong", cookies: known });
    assert.equal((await tryIn(oak, maria.username, { cookies: known })).status, 401, "its own ten");
  });

  test("the browser of one account is nobody at another, nor after the password was set anew", async () => {
    const oak = await rekey.createInstance();
    const [maria, tom, owner] = [await oak.addUser(), await oak.addUser(), await oak.asOwner()];
    const known = await oak.signIn(maria);
    await fail(oak, tom, ALLOWED);
    assert.equal((await tryIn(oak, tom.username, { cookies: known })).status, 401);
    const token = await oak.mailedToken(maria, owner);
    assert.equal((await redeem(oak, token, NEW_PASSWORD)).status, 204);
    await fail(oak, maria, ALLOWED);
    assert.equal((await tryIn(oak, maria.username, { password: NEW_PASSWORD, cookies: known })).status, 401);
  });

  test("S18: administrators see it and Enable Login ends it, only while it lasts; the record says so", async () => {
    const oak = await rekey.createInstance();
    const [maria, owner] = [await oak.addUser(), await oak.asOwner()];
    const enable = () => oak.api("POST", `/users/${maria.id}/enable-login`, { json: {}, cookies: owner });
    const profile = async () => (await oak.request(`/settings/users/${maria.id}`, { cookies: owner })).text;
    assert.deepEqual([(await enable()).status, codeOf(await enable())], [409, "not_locked"]);
    assert(!(await profile()).includes("Enable Login"));

    await fail(oak, maria, ALLOWED);
    const { access, actions } = (await oak.api("GET", `/users/${maria.id}`, { cookies: owner })).json() as {
      access: { locked_until: string | null };
      actions: { enable_login: { allowed: boolean } };
    };
    const leftMs = Date.parse(String(access.locked_until)) - rekey.clock.now().getTime();
    assert(leftMs > LOCKED_MS - MINUTE_MS && leftMs <= LOCKED_MS, String(access.locked_until));
    assert(actions.enable_login.allowed);
    assert.match(await profile(), /Locked after failed sign-ins, \d+ min left/);
    assert((await profile()).includes("Enable Login"));
    assert.match((await oak.request("/settings/users", { cookies: owner })).text, /Locked, \d+ min left/);

    assert.equal((await enable()).status, 204);
    assert.equal((await tryIn(oak, maria.username)).status, 200);
    assert(!(await profile()).includes("Enable Login"));
    const acts = (await rowsOf(oak, "audit_events")).filter(({ target_id: id }) => id === maria.id);
    assert.equal(acts.filter(({ action }) => action === "user.lock").length, 1);
    assert.equal(acts.filter(({ action, result }) => action === "user.enable_login" && result === "ok").length, 1);
    const reasons = acts.filter(({ action }) => action === "session.refuse").map(({ reason }) => reason);
    assert.deepEqual(new Set(reasons), new Set(["wrong_password"]));
  });

  test("A1: Support sees it, is told which role ends it, and cannot", async () => {
    const oak = await rekey.createInstance();
    const [maria, support] = [await oak.addUser(), await oak.addUser({ role: "support" })];
    const cookies = await oak.signIn(support);
    await fail(oak, maria, ALLOWED);
    const refused = await oak.api("POST", `/users/${maria.id}/enable-login`, { json: {}, cookies });
    assert.deepEqual([refused.status, codeOf(refused)], [403, "not_permitted"]);
    const { text } = await oak.request(`/settings/users/${maria.id}`, { cookies });
    assert.match(text, />Enable Login<\/button><\/div><p[^>]*>This needs the role Owner or Admin\./);
  });

  test("lasts as long, and allows as many, as the instance says", async () => {
    const oak = await rekey.createInstance();
    const [maria, owner] = [await oak.addUser(), await oak.asOwner()];
    const json = { lockout_failures: 3, lockout_minutes: 5 };
    assert.equal((await oak.api("PATCH", "/settings", { json, cookies: owner })).status, 200);
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      await fail(oak, maria, 3);
      assert.equal((await tryIn(oak, maria.username)).status, 401);
      rekey.clock.advance(5 * MINUTE_MS);
      assert.equal((await tryIn(oak, maria.username)).status, 200);
    } finally {
      rekey.clock.run();
    }
    for (const [field, values] of [
      ["lockout_failures", [2, 101]],
      ["lockout_minutes", [4, 1441]],
    ] as const)
      for (const value of values)
        assert.equal((await oak.api("PATCH", "/settings", { json: { [field]: value }, cookies: owner })).status, 422);
  });

  test("refuses the right password, too, when it began while that was being looked at", {
    skip: rekey.shareable === undefined && "the embedded database has one connection",
  }, async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const held = await holdUser(rekey, oak, maria);
    try {
      const right = tryIn(oak, maria.username);
      await held.someoneWaits();
      await fail(oak, maria, ALLOWED);
      await held.letGo();
      const refused = await right;
      assert.deepEqual([refused.status, codeOf(refused)], [401, "invalid_credentials"]);
    } finally {
      await held.letGo();
    }
  });

  test("counts attempts made at once one after another, on every process: of a hundred guesses ten are looked at", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    // Time has moved in this process, so that two others speak of it alike.
    const others = await Promise.all([startSecondProcess(rekey), startSecondProcess(rekey)]);
    const doors = others.map((other) => (other ? oak.at(other.base) : oak));
    try {
      // The last of them is right, and was begun before anybody had failed.
      const guesses = [...Array.from({ length: 100 }, (_, number) => `guess ${number}`), GOOD_PASSWORD];
      const answers = await Promise.all(
        guesses.map((password, number) => tryIn(doors[number % doors.length] ?? oak, maria.username, { password })),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]));
      const acts = await rowsOf(oak, "audit_events");
      const lockouts = acts.filter(({ action }) => action === "user.lock");
      assert.equal(lockouts.length, 1, "it began once");
    } finally {
      for (const other of others) await other?.stop();
    }
  });
});

suite("Failed sign-ins from one source", () => {
  test("are slowed down after two hundred, whatever the names; other sources and known browsers are not", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const known = await oak.signIn(maria);
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      const names = Array.from({ length: 200 }, (_, number) => `nobody${number}`);
      await inParallel(names, (name) => tryIn(oak, name, { from: "127.0.0.7" }));
      const refused = await tryIn(oak, maria.username, { from: "127.0.0.7" });
      assert.deepEqual([refused.status, codeOf(refused)], [429, "too_many_requests"]);
      assert.equal(refused.headers["retry-after"], "2");
      const page = await oak.request("/sign-in", {
        form: { identifier: maria.username, password: GOOD_PASSWORD },
        from: "127.0.0.7",
      });
      assert.equal(page.status, 429);
      assert.equal(page.headers["retry-after"], "2");
      assert.match(page.text, /That was too often in a short time\. Wait a little and try again\./);
      assert.equal((await tryIn(oak, maria.username, { from: "127.0.0.8" })).status, 200, "another source");
      assert.equal((await tryIn(oak, maria.username, { from: "127.0.0.7", cookies: known })).status, 200);
      rekey.clock.advance(2 * SECOND_MS);
      assert.equal((await tryIn(oak, maria.username, { from: "127.0.0.7" })).status, 200, "slowed down, not locked");
    } finally {
      rekey.clock.run();
    }
  });
});

const NEW_PASSWORD = "copper window garden violin";

interface Trying {
  readonly password?: string;
  readonly cookies?: CookieJar;
  readonly from?: string;
}

/** From a browser of its own, unless another is given. */
function tryIn(oak: TestInstance, identifier: string, trying: Trying = {}) {
  const { password = GOOD_PASSWORD, cookies = new CookieJar(), ...others } = trying;
  return oak.api("POST", "/session", { json: { identifier, password }, cookies, ...others });
}

async function fail(oak: TestInstance, { username }: TestUser, count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    assert.equal((await tryIn(oak, username, { password: "wrong" })).status, 401);
}

async function essenceOf(oak: TestInstance, identifier: string): Promise<string> {
  const { status, text, headers, setCookies } = await tryIn(oak, identifier, { password: "wrong" });
  return JSON.stringify([status, text.replace(String(headers["x-request-id"]), ""), setCookies]);
}
