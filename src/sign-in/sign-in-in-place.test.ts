import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { type Answer, CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { Random } from "../../test/support/random.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { startSecondProcess } from "../../test/support/second-process.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const IN_PLACE = { "HX-Request": "true" };
const TYPED = "granite teapot lullaby";

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; owner: CookieJar; path: string }> {
  const oak = await rekey.createInstance();
  const [maria, owner] = [await oak.addUser(), await oak.asOwner()];
  return { oak, maria, owner, path: `/settings/users/${maria.id}/reset-links` };
}

/** @returns what the page that asks for a sign-in carries along. */
function carriedIn(answer: Answer): string {
  assert.equal(answer.status, 401, answer.text);
  return /name="carried" value="([^"]+)"/.exec(answer.text)?.[1] ?? assert.fail("nothing is carried");
}

interface Effects {
  readonly mails: number;
  readonly notifications: number;
  readonly events: number;
}

async function effectsOn(oak: TestInstance, user: TestUser): Promise<Effects> {
  await untilIdle(oak);
  const mails = (await rowsOf(oak, "emails")).filter((row) => row.kind === "reset_link" && row.user_id === user.id);
  const events = (await rowsOf(oak, "audit_events")).filter(
    (row) => row.action === "recovery.request" && row.target_id === user.id && row.result === "ok",
  );
  const notifications = (await rowsOf(oak, "notifications")).filter(({ title }) => title === "Success");
  return { mails: mails.length, notifications: notifications.length, events: events.length };
}

const ONCE: Effects = { mails: 1, notifications: 1, events: 1 };
const NEVER: Effects = { mails: 0, notifications: 0, events: 0 };

suite("S13: a click that comes after the session has ended", () => {
  for (const [what, path, page] of [
    ["a file that was sent", "/settings/users/import", "/settings/users/import"],
    ["a file that was asked for", "/settings/audit.csv", "/settings/audit"],
  ] as const)
    test(`is not carried where it is ${what}: the page says so, and the sign-in leads back there`, async () => {
      const { oak, owner } = await cast();
      rekey.clock.advance(HOUR_MS);
      const body = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nEmail\r\n--x--\r\n';
      const multipart = { body, headers: { "content-type": "multipart/form-data; boundary=x" } };
      const asked = await oak.request(path, {
        ...(page === path ? multipart : { form: { person: "" } }),
        method: "POST",
        cookies: owner,
      });
      assert.match(asked.text, /Nothing was done yet\. Sign in, and then send it once more\./);
      const form = { carried: carriedIn(asked), identifier: oak.owner.username, password: oak.owner.password ?? "" };
      const signedIn = await oak.request(`${path}?signed-in`, { form, cookies: owner });
      assert.deepEqual([signedIn.status, signedIn.headers.location], [303, page]);
    });

  test("S13 is done also where it replaces the temporary password with which they sign in again", async () => {
    const { oak, maria, owner } = await cast();
    const json = { mode: "generated", verification: { method: "in_person", note: "" } };
    const made = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: owner });
    const { password } = made.json() as { password: string };
    const cookies = await oak.signIn(maria, password);
    await oak.api("DELETE", `/users/${maria.id}/sessions`, { cookies: owner });
    const change = { current_password: password, new_password: TYPED, confirm_password: TYPED };
    const asked = await oak.request("/account/password", { form: change, cookies });
    const form = { carried: carriedIn(asked), identifier: maria.username, password };
    const done = await oak.request("/account/password?signed-in", { form, cookies });
    assert.equal(done.status, 303, done.text);
    await oak.signIn(maria, TYPED);
  });

  test("S13 is asked to sign in where it is, is done then, and shows its notification", async () => {
    const { oak, maria, owner, path } = await cast();
    rekey.clock.advance(HOUR_MS);
    const asked = await oak.request(path, {
      form: { return_to: "/settings/users" },
      headers: IN_PLACE,
      cookies: owner,
    });
    assert.equal(asked.headers["hx-retarget"], "#dialog");
    assert.match(asked.text, /What you clicked is not lost/);
    assert.match(asked.text, new RegExp(`name="identifier"[^>]*value="${oak.owner.username}"`));
    const carried = carriedIn(asked);
    assert.deepEqual(await effectsOn(oak, maria), NEVER);

    const signIn = { carried, identifier: oak.owner.username };
    const wrong = { ...signIn, password: "not the right one" };
    const again = await oak.request(`${path}?signed-in`, { form: wrong, headers: IN_PLACE, cookies: owner });
    assert.equal(carriedIn(again), carried, "it is still there");
    const right = { ...signIn, password: oak.owner.password ?? "" };
    const done = await oak.request(`${path}?signed-in`, { form: right, headers: IN_PLACE, cookies: owner });
    assert.equal(done.status, 200, done.text);
    assert.match(done.text, /Reset Password Instruction has been sent successfully!/);
    assert.deepEqual(await effectsOn(oak, maria), ONCE);
    assert.equal((await oak.request("/settings/users", { cookies: owner })).status, 200, "signed in");

    const back = await oak.request(`${path}?signed-in`, { form: right, headers: IN_PLACE, cookies: owner });
    assert.deepEqual([back.status, back.headers["hx-refresh"]], [204, "true"]);
    assert.deepEqual(await effectsOn(oak, maria), ONCE, "the browser's back button does nothing again");
  });

  test("S13 goes on without a script, in a browser that has forgotten its session, and with what was typed", async () => {
    const { oak, maria } = await cast();
    const path = `/settings/users/${maria.id}/change-password`;
    const typed = { mode: "typed", new_password: TYPED, confirm_password: TYPED, verification_method: "in_person" };
    const asked = await oak.request(path, { form: typed });
    assert(!asked.text.includes(TYPED), "P10: a password does not come back");
    const form = {
      carried: carriedIn(asked),
      identifier: oak.owner.email,
      password: oak.owner.password ?? "",
    };
    const done = await oak.request(`${path}?signed-in`, { form, cookies: new CookieJar() });
    assert.equal(done.status, 200, done.text);
    await oak.signIn(maria, TYPED);
    const twice = await oak.request(`${path}?signed-in`, { form, cookies: new CookieJar() });
    assert.deepEqual([twice.status, twice.headers.location], [303, `/settings/users/${maria.id}`]);
    const set = (await rowsOf(oak, "recoveries")).filter(({ method }) => method === "temporary_password");
    assert.equal(set.length, 1);
  });

  test("S13 is not done for somebody else who signs in, at another address, or after half an hour", async () => {
    const { oak, maria, owner, path } = await cast();
    const [ann, tom] = [await oak.addUser({ role: "admin" }), await oak.addUser()];
    rekey.clock.advance(HOUR_MS);
    const carried = carriedIn(await oak.request(path, { form: { return_to: "" }, cookies: owner }));
    const as = (user: TestUser) => ({ carried, identifier: user.username, password: user.password ?? "" });
    const other = await oak.request(`${path}?signed-in`, { form: as(ann), cookies: owner });
    assert.deepEqual([other.status, other.headers.location], [303, `/settings/users/${maria.id}`]);
    const elsewhere = `/settings/users/${tom.id}/reset-links?signed-in`;
    assert.equal((await oak.request(elsewhere, { form: as(oak.owner), cookies: owner })).status, 400);
    rekey.clock.advance(31 * MINUTE_MS);
    assert.equal((await oak.request(`${path}?signed-in`, { form: as(oak.owner), cookies: owner })).status, 400);
    for (const user of [maria, tom]) assert.deepEqual(await effectsOn(oak, user), NEVER);
  });

  test("S13 is not done for who signs in next where a tab of somebody who signed out was still open", async () => {
    const { oak, maria, owner, path } = await cast();
    const ann = await oak.addUser({ role: "admin" });
    await oak.request("/sign-out", { form: {}, cookies: owner });
    const carried = carriedIn(await oak.request(path, { form: { return_to: "" }, cookies: owner }));
    const form = { carried, identifier: ann.username, password: ann.password ?? "" };
    const other = await oak.request(`${path}?signed-in`, { form, cookies: owner });
    assert.equal(other.status, 303);
    assert.deepEqual(await effectsOn(oak, maria), NEVER);
  });

  test("leaves the page as it is where nobody clicked", async () => {
    const { oak, owner } = await cast();
    rekey.clock.advance(HOUR_MS);
    const headers = { ...IN_PLACE, "Rekey-Automatic": "1" };
    const answer = await oak.request("/settings/users", { headers, cookies: owner });
    assert.deepEqual([answer.status, answer.headers["hx-reswap"], answer.text], [401, "none", ""]);
  });
});

suite("S13: whatever comes between a click and its effect", () => {
  const count = times({ quick: 8, full: 200 });

  test(`S13 each of ${count} clicks is done exactly once, through ends of sessions, double clicks, restarts and other processes`, async (t) => {
    let second = await startSecondProcess(rekey);
    t.after(() => second?.stop());
    rekey.clock.freezeAt(new Date());
    rekey.clock.run();
    const random = new Random(13);
    for (let done = 0; done < count; done += 1) {
      const { oak, maria, owner, path } = await cast();
      const anywhere = (): TestInstance => (second && random.happens(0.5) ? oak.at(second.base) : oak);
      const headers = random.happens(0.5) ? IN_PLACE : {};
      await oak.deps.db.inInstance(oak.instance.id, (tx) =>
        tx.updateTable("sessions").set({ ended_at: new Date() }).where("ended_at", "is", null).execute(),
      );
      const carried = carriedIn(await anywhere().request(path, { form: { return_to: "" }, headers, cookies: owner }));
      if (second && random.happens(0.1)) {
        await second.stop();
        second = await startSecondProcess(rekey);
      }
      const form = { carried, identifier: oak.owner.username, password: oak.owner.password ?? "" };
      const send = () => anywhere().request(`${path}?signed-in`, { form, headers, cookies: new CookieJar() });
      const rounds = random.between(1, 3);
      for (let round = 0; round < rounds; round += 1)
        await Promise.all(Array.from({ length: random.between(1, 4) }, send));
      assert.deepEqual(await effectsOn(oak, maria), ONCE);
    }
  });
});
