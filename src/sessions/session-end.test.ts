import assert from "node:assert/strict";
import { after, suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { type CookieJar, request } from "../../test/support/http.ts";
import { LINK_PATHS, PASSWORD_PATHS, wordsOf } from "../../test/support/password-paths.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { startSecondProcess } from "../../test/support/second-process.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();
const { clock } = rekey;

const NEW_PASSWORD = "amber compass willow station";

suite("SE2: what ends sessions", () => {
  for (const { name, open } of PASSWORD_PATHS) {
    test(`SE2 a reset by ${name} ends every session of that user at once, and nobody else's`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.signIn(oak.owner);
      const [maria, kim] = [await oak.addUser(), await oak.addUser()];
      const hers = [await oak.signIn(maria), await oak.signIn(maria), await oak.signIn(maria)];
      const his = await oak.signIn(kim);
      const tryOn = await open(oak, maria, admin);
      assert.equal((await tryOn("too short")).isAccepted, false);
      for (const browser of hers) assert.equal(await statusOf(oak, browser), 200, "a refused password ends nothing");
      assert.equal((await tryOn(NEW_PASSWORD)).isAccepted, true);
      assert.deepEqual(await Promise.all(hers.map((browser) => statusOf(oak, browser))), [401, 401, 401]);
      assert.deepEqual([await statusOf(oak, his), await statusOf(oak, admin)], [200, 200]);
      assert.equal(await statusOf(oak, await oak.signIn(maria, NEW_PASSWORD)), 200);
    });
  }

  test("SE2 deactivation and No Access hold from the next request on, and a sign-in fails", async () => {
    const oak = await rekey.createInstance();
    for (const change of [{ status: "inactive" }, { role: "no_access" }] as const) {
      const maria = await oak.addUser({ role: "admin" });
      const browser = await oak.signIn(maria);
      assert.equal(await statusOf(oak, browser), 200);
      await changeUser(oak, maria, change);
      assert.equal(await statusOf(oak, browser), 401, JSON.stringify(change));
      assert.equal((await oak.request("/settings/users", { cookies: browser })).status, 401);
      const json = { identifier: maria.email, password: maria.password };
      assert.equal((await oak.api("POST", "/session", { json })).status, 401);
    }
  });

  test("SE2 a reset ends sessions on a second process at once, too", { skip: !rekey.shareable }, async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const tryOn = await PASSWORD_PATHS[0]?.open(oak, maria, await oak.signIn(oak.owner));
    const hers = await oak.signIn(maria);
    const second = await startSecondProcess(rekey);
    assert(second);
    const there = async (): Promise<number> =>
      (await request(second.base, "/api/v1/session", { host: oak.host, cookies: hers })).status;
    assert.equal(await there(), 200);
    assert.equal((await tryOn?.(NEW_PASSWORD))?.isAccepted, true);
    assert.equal(await there(), 401);
    await second.stop();
  });

  test("Z6 a demotion holds from the next request on", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser({ role: "admin" });
    const browser = await oak.signIn(maria);
    assert.equal((await oak.api("GET", "/users", { cookies: browser })).status, 200);
    await changeUser(oak, maria, { role: "member" });
    assert.equal((await oak.api("GET", "/users", { cookies: browser })).status, 403);
    assert.equal(await statusOf(oak, browser), 200, "a Member is still signed in");
  });
});

suite("SE3: how long a session lasts", () => {
  after(() => clock.run());

  test("SE3 left idle it ends after 30 minutes, not a millisecond before", async () => {
    const oak = await rekey.createInstance();
    clock.freezeAt(new Date(clock.now()));
    const browser = await oak.signIn(oak.owner);
    for (let turn = 1; turn <= 3; turn += 1) {
      clock.advance(30 * MINUTE_MS - 1);
      assert.equal(await statusOf(oak, browser), 200, "what a person does keeps it alive");
    }
    clock.advance(30 * MINUTE_MS);
    assert.equal(await statusOf(oak, browser), 401);
  });

  test("SE3 it ends after 12 hours however busy its person is", async () => {
    const oak = await rekey.createInstance();
    clock.freezeAt(new Date(clock.now()));
    const browser = await oak.signIn(oak.owner);
    for (let turn = 1; turn < 36; turn += 1) {
      clock.advance(20 * MINUTE_MS);
      assert.equal(await statusOf(oak, browser), 200, `after ${turn * 20} minutes`);
    }
    clock.advance(20 * MINUTE_MS - 1);
    assert.equal(await statusOf(oak, browser), 200);
    clock.advance(1);
    assert.equal(await statusOf(oak, browser), 401);
  });

  test("SE3 the instance may have shorter times", async () => {
    const oak = await rekey.createInstance();
    await oak.deps.db.onInstances((tx) =>
      tx
        .updateTable("instances")
        .set({ session_idle_minutes: 5, session_absolute_minutes: 60 })
        .where("id", "=", oak.instance.id)
        .execute(),
    );
    clock.freezeAt(new Date(clock.now()));
    const [idle, busy] = [await oak.signIn(oak.owner), await oak.signIn(oak.owner)];
    for (let turn = 1; turn < 15; turn += 1) {
      clock.advance(4 * MINUTE_MS);
      assert.equal(await statusOf(oak, busy), 200);
      if (turn > 1) assert.equal(await statusOf(oak, idle), 401, `after ${turn * 4} minutes`);
    }
    clock.advance(4 * MINUTE_MS);
    assert.equal(await statusOf(oak, busy), 401, "after 60 minutes");
  });

  test("SE3 what a page asks for by itself does not keep it alive", async () => {
    const oak = await rekey.createInstance();
    clock.freezeAt(new Date(clock.now()));
    const browser = await oak.signIn(oak.owner);
    const headers = { "rekey-automatic": "true" };
    for (const minutes of [10, 10, 9]) {
      clock.advance(minutes * MINUTE_MS);
      assert.equal((await oak.api("GET", "/session", { cookies: browser, headers })).status, 200);
      assert.equal((await oak.request("/", { cookies: browser, headers })).status, 200);
    }
    clock.advance(MINUTE_MS);
    assert.equal((await oak.api("GET", "/session", { cookies: browser, headers })).status, 401);
    assert.equal(await statusOf(oak, browser), 401);
  });

  test("SE3 it lives until the moment that it names", async () => {
    const oak = await rekey.createInstance();
    clock.freezeAt(new Date(clock.now()));
    const browser = await oak.signIn(oak.owner);
    for (const seconds of [0, 30, 45, 100]) {
      clock.advance(seconds * SECOND_MS);
      const { expires_at: named } = (await oak.api("GET", "/session", { cookies: browser })).json() as {
        expires_at: string;
      };
      clock.freezeAt(new Date(Date.parse(named) - 1));
      const headers = { "rekey-automatic": "true" };
      assert.equal((await oak.api("GET", "/session", { cookies: browser, headers })).status, 200, `${seconds} s`);
      clock.freezeAt(new Date(Date.parse(named) - 30 * MINUTE_MS));
    }
  });

  test("SE3 an ended one is said: 401 with its code from the API, a page with the way back, in place for a click", async () => {
    const oak = await rekey.createInstance();
    const browser = await oak.signIn(oak.owner);
    clock.advance(13 * HOUR_MS);
    const api = await oak.api("GET", "/users", { cookies: browser });
    assert.equal(api.status, 401);
    assert.equal((api.json() as { code: string }).code, "sign_in_required");
    const page = await oak.request("/settings/users?q=maria", { cookies: browser });
    assert.equal(page.status, 401);
    assert.match(wordsOf(page.text), /session (has )?ended/i);
    assert.match(page.text, /name="next" value="\/settings\/users\?q=maria"/);
    const clicked = await oak.request(`/settings/users/${oak.owner.id}/reset-links`, {
      form: {},
      cookies: browser,
      headers: { "hx-request": "true", "hx-current-url": `${oak.instance.origin}/settings/users?q=maria` },
    });
    assert.equal(clicked.status, 401);
    assert.equal(clicked.headers["hx-retarget"], "#dialog");
    assert.match(wordsOf(clicked.text), /What you clicked is not lost/);
  });
});

suite("SE4: a reset", () => {
  for (const { name, open } of LINK_PATHS) {
    test(`SE4 by ${name} signs nobody in`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.signIn(oak.owner);
      const maria = await oak.addUser();
      const tryOn = await open(oak, maria, admin);
      assert.equal((await tryOn(NEW_PASSWORD)).isAccepted, true);
      const sessions = (await rowsOf(oak, "sessions")).filter((session) => session.user_id === maria.id);
      assert.deepEqual(sessions, [], "no session began");
      await oak.signIn(maria, NEW_PASSWORD);
    });
  }

  test("SE4 sets no session cookie, and in a browser of somebody else leaves that person signed in", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.signIn(oak.owner);
    const maria = await oak.addUser();
    const token = await oak.mailedToken(maria, admin);
    const opened = await oak.request(`/reset-password/${token}`, { cookies: admin });
    const recovery = new URL(String(opened.headers.location), oak.instance.origin).searchParams.get("recovery") ?? "";
    const before = admin.get("rekey");
    const form = { recovery, new_password: NEW_PASSWORD, confirm_password: NEW_PASSWORD };
    const redeemed = await oak.request("/reset-password", { form, cookies: admin });
    assert.equal(redeemed.status, 303);
    assert.equal(redeemed.headers.location, "/sign-in");
    assert(!redeemed.setCookies.some((cookie) => cookie.startsWith("rekey=")), redeemed.setCookies.join(" | "));
    assert.equal(admin.get("rekey"), before);
    const session = (await oak.api("GET", "/session", { cookies: admin })).json() as { user: { id: string } };
    assert.equal(session.user.id, oak.owner.id);
  });
});

async function statusOf(oak: TestInstance, browser: CookieJar): Promise<number> {
  return (await oak.api("GET", "/session", { cookies: browser })).status;
}

async function changeUser(
  oak: TestInstance,
  user: TestUser,
  to: { status: "inactive" } | { role: "no_access" | "member" },
): Promise<void> {
  await oak.deps.db.inInstance(oak.instance.id, (tx) =>
    tx.updateTable("users").set(to).where("instance_id", "=", oak.instance.id).where("id", "=", user.id).execute(),
  );
}
