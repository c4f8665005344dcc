import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS } from "#lib/clock.ts";
import { formIn } from "../../test/support/form-in.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** The least and the most of each number, as product and database hold them. */
const NUMBERS = {
  accent_hue: [0, 359],
  link_lifetime_minutes: [10, 1440],
  invitation_lifetime_minutes: [60, 10_080],
  session_idle_minutes: [5, 30],
  session_absolute_minutes: [30, 720],
} as const;

suite("settings", () => {
  test("are read and changed, each with its limits, and the record says what was", async () => {
    const { oak, owner } = await cast();
    for (const [name, [least, most]] of Object.entries(NUMBERS)) {
      for (const [value, status] of [
        [least, 200],
        [most, 200],
        [least - 1, 422],
        [most + 1, 422],
        [least + 0.5, 422],
      ] as const)
        assert.equal((await change(oak, owner, { [name]: value })).status, status, `${name} ${value}`);
    }
    for (const wrong of [
      { name: " \u200B" },
      { name: "x".repeat(81) },
      { mail_from: "not an address" },
      { reply_to: "Help <help@oak.example>" },
      { time_zone: "Mars/Base" },
      { open_crm_url: "javascript:alert(1)" },
      { open_crm_url: "https://user:pass@crm.example" },
      { origin: "https://evil.example" },
      { status: "suspended" },
    ])
      assert.equal((await change(oak, owner, wrong)).status, 422, JSON.stringify(wrong));
    const json = { name: "Oak Clinic", reply_to: "help@oak.example", open_crm_url: "https://crm.oak.example/home" };
    const changed = await change(oak, owner, json);
    assert.deepEqual({ ...(changed.json() as object), ...json }, changed.json());
    assert.deepEqual((await oak.api("GET", "/settings", { cookies: owner })).json(), changed.json());
    const details = (await rowsOf(oak, "audit_events")).map(({ detail }) => detail as Record<string, unknown>);
    assert(details.some((detail) => detail.name_from === "Oak Recovery" && detail.name_to === "Oak Clinic"));
  });

  test("hold from the next request on: name, lifetime, sessions, answers of mails", async () => {
    const { oak, owner } = await cast();
    const json = {
      name: "Oak Clinic",
      link_lifetime_minutes: 10,
      session_idle_minutes: 5,
      reply_to: "desk@oak.example",
    };
    assert.equal((await change(oak, owner, json)).status, 200);
    assert.match((await oak.request("/sign-in")).text, /Sign in to Oak Clinic/);
    const maria = await oak.addUser();
    const sent = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner });
    const { message } = await oak.mailTo(maria.email);
    assert.equal(message.replyTo?.[0]?.address, "desk@oak.example");
    await untilIdle(oak);
    const { id } = sent.json() as { id: string };
    const { requested_at: from, expires_at: to } = (
      await oak.api("GET", `/recoveries/${id}`, { cookies: owner })
    ).json() as Record<string, string>;
    const lifeMs = Date.parse(to ?? "") - Date.parse(from ?? "");
    assert(lifeMs >= 10 * MINUTE_MS && lifeMs < 11 * MINUTE_MS, `${lifeMs}`);
    rekey.clock.advance(5 * MINUTE_MS);
    assert.equal((await oak.api("GET", "/session", { cookies: owner })).status, 401);
  });

  test("saved by a page that lay open write nothing back that somebody else has changed meanwhile", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const { text } = await oak.request("/settings/security", { cookies });
    const changed = { allows_copied_links: true, link_lifetime_minutes: 20 };
    assert.equal((await oak.api("PATCH", "/settings", { json: changed, cookies })).status, 200);
    const form = { ...formIn(text), lockout_minutes: "33" };
    assert.equal((await oak.request("/settings/security", { form, cookies })).status, 303);
    const saved = (await oak.api("GET", "/settings", { cookies })).json();
    assert.partialDeepStrictEqual(saved, { ...changed, lockout_minutes: 33 });
  });

  test("can demand a verification for links, by API and as a dialog instead of one click", async () => {
    const { oak, owner } = await cast();
    await change(oak, owner, { requires_verification_for_links: true });
    const maria = await oak.addUser();
    const refused = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner });
    assert.deepEqual([refused.status, codeOf(refused)], [422, "validation_failed"]);
    const profile = await oak.request(`/settings/users/${maria.id}`, { cookies: owner });
    assert(!profile.text.includes(`action="/settings/users/${maria.id}/reset-links"`));
    const asked = `/settings/users/${maria.id}/send-reset-link`;
    assert(profile.text.includes(`href="${asked}"`));
    assert.equal((await oak.request(asked, { form: {}, cookies: owner })).status, 422);
    const form = { verification_method: "video_call", verification_note: "Saw her badge" };
    assert.equal((await oak.request(asked, { form, cookies: owner })).status, 303);
    await oak.mailTo(maria.email);
    const [verification] = await rowsOf(oak, "verifications");
    assert.deepEqual([verification?.method, verification?.note], ["video_call", "Saw her badge"]);
  });

  test("prove the sender by a real mail, and say what the mail server answered", async () => {
    const { oak, owner } = await cast();
    await change(oak, owner, { mail_from: "crm@oak.example" });
    assert.equal((await oak.request("/settings/instance/test-mail", { form: {}, cookies: owner })).status, 303);
    const mail = await oak.mailTo(oak.owner.email, ({ message }) => /A test from/.test(message.subject ?? ""));
    assert.equal(mail.message.from?.address, "crm@oak.example");
    await untilIdle(oak);
    const page = await oak.request("/settings/instance", { cookies: owner });
    assert.match(page.text, /The mail server took the test/);
  });
});

async function cast(): Promise<{ oak: TestInstance; owner: CookieJar }> {
  const oak = await rekey.createInstance();
  return { oak, owner: await oak.asOwner() };
}

function change(oak: TestInstance, cookies: CookieJar, json: object): Promise<Answer> {
  return oak.api("PATCH", "/settings", { json, cookies });
}
