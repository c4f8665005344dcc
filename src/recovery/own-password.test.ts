import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS } from "#lib/clock.ts";
import { type Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { codeOf, NEW_PASSWORD } from "../../test/support/reset-link.ts";
import { rowsOf } from "../../test/support/tables.ts";

const rekey = await testRekey();

const OTHER_PASSWORD = "saffron ladder winter canal";

suite("one's own change of password", () => {
  test("P11 needs the current one, ends all other sessions, keeps this one, and tells the person", async () => {
    const { oak, maria, cookies } = await signedIn();
    const elsewhere = await oak.signIn(maria);
    const wrong = await change(oak, cookies, "not the current one");
    const { errors } = wrong.json() as { errors: { field: string; detail: string }[] };
    assert.deepEqual([wrong.status, errors[0]?.field], [422, "current_password"]);
    assert.equal((await change(oak, cookies, maria.password)).status, 204);
    assert.equal((await oak.api("GET", "/session", { cookies })).status, 200);
    assert.equal((await oak.api("GET", "/session", { cookies: elsewhere })).status, 401);
    await oak.signIn(maria, NEW_PASSWORD);
    const mail = await oak.mailTo(maria.email);
    assert.match(mail.message.text ?? "", /was changed on .+ in your account\. All your other sessions were ended/);
    const acts = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "password.change");
    assert.deepEqual(new Set(acts.map(({ result }) => result)), new Set(["ok", "refused"]));
    assert(acts.every(({ actor_id: actor }) => actor === maria.id));
  });

  test("SE1 renews the session: the cookie from before, wherever a copy of it is, opens nothing", async () => {
    const { oak, maria } = await signedIn();
    const admin = await oak.asOwner();
    const json = { mode: "generated", verification: { method: "in_person" } };
    const given = await oak.api("POST", `/users/${maria.id}/temporary-password`, { json, cookies: admin });
    const { password } = given.json() as { password: string };
    const byForm = (cookies: CookieJar): Promise<Answer> =>
      oak.request("/account/password", {
        form: { current_password: NEW_PASSWORD, new_password: OTHER_PASSWORD, confirm_password: OTHER_PASSWORD },
        cookies,
      });
    const cookies = await oak.signIn(maria, password);
    for (const [set, status] of [
      [() => change(oak, cookies, password), 204],
      [() => byForm(cookies), 303],
    ] as const) {
      const copy = new CookieJar();
      copy.set("rekey", cookies.get("rekey") ?? "");
      const before = (await rowsOf(oak, "sessions")).find((row) => row.user_id === maria.id && !row.ended_at);
      assert.equal((await set()).status, status);
      assert.notEqual(cookies.get("rekey"), copy.get("rekey"));
      assert.equal((await oak.api("GET", "/session", { cookies: copy })).status, 401);
      assert.equal((await oak.api("GET", "/session", { cookies })).status, 200);
      const live = (await rowsOf(oak, "sessions")).filter((row) => row.user_id === maria.id && !row.ended_at);
      assert.deepEqual(
        live.map(({ id, expires_at: end }) => [id, end]),
        [[before?.id, before?.expires_at]],
        "it is the same session, and lasts no longer",
      );
    }
  });

  test("P11 is throttled by the tenth guess, however many come at once", async () => {
    const { oak, maria, cookies } = await signedIn();
    const guesses = Array.from({ length: 30 }, (_, number) => change(oak, cookies, `guess number ${number}`));
    const answers = await Promise.all(guesses);
    const told = answers.filter(({ status }) => status === 422);
    const throttled = answers.filter(({ status }) => status === 429);
    assert.deepEqual([told.length, throttled.length], [9, 21]);
    const waitSeconds = Number(throttled[0]?.headers["retry-after"]);
    assert(
      waitSeconds > 0 && waitSeconds <= 15 * 60 + 1,
      `${waitSeconds}: the one that counted first may have come last`,
    );
    const waiting = await change(oak, cookies, maria.password);
    assert.equal(codeOf(waiting), "too_many_requests", "the right one waits, too");
    assert.match(waiting.text, /Wait 15 minutes and try again\./);
    rekey.clock.advance(15 * MINUTE_MS);
    assert.equal((await change(oak, cookies, maria.password)).status, 204);
  });

  test("P11 counts no guess where only the new password was refused, and forgets the count after a success", async () => {
    const { oak, maria, cookies } = await signedIn();
    for (let number = 0; number < 12; number += 1) {
      const answer = await change(oak, cookies, maria.password, "short");
      assert.deepEqual([answer.status, codeOf(answer)], [422, "password_rejected"]);
    }
    for (let number = 0; number < 8; number += 1) await change(oak, cookies, "wrong");
    assert.equal((await change(oak, cookies, maria.password)).status, 204);
    assert.equal((await change(oak, cookies, "wrong")).status, 422);
  });

  test("says on the page that the two are not the same, and changes nothing", async () => {
    const { oak, maria, cookies } = await signedIn();
    const form = { current_password: maria.password ?? "", new_password: NEW_PASSWORD, confirm_password: "another" };
    const answer = await oak.request("/account/password", { form, cookies });
    assert.equal(answer.status, 422);
    assert.match(answer.text, /New Password and Confirm Password are not the same/);
    await oak.signIn(maria);
  });

  test("two that differ only in how their letters are composed are the same", async () => {
    const { oak, maria, cookies } = await signedIn();
    const composed = "el niño soñó con pingüinos";
    const form = {
      current_password: maria.password ?? "",
      new_password: composed.normalize("NFC"),
      confirm_password: composed.normalize("NFD"),
    };
    assert.equal((await oak.request("/account/password", { form, cookies })).status, 303);
    await oak.signIn(maria, composed);
  });
});

async function signedIn(): Promise<{ oak: TestInstance; maria: TestUser; cookies: CookieJar }> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser();
  return { oak, maria, cookies: await oak.signIn(maria) };
}

function change(
  oak: TestInstance,
  cookies: CookieJar,
  currentPassword: string | undefined,
  newPassword = NEW_PASSWORD,
): Promise<Answer> {
  const json = { current_password: currentPassword, new_password: newPassword };
  return oak.api("POST", "/session/password", { json, cookies });
}
