import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS } from "#lib/clock.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { codeOf, redeem } from "../../test/support/reset-link.ts";
import { suppressedAddress } from "../../test/support/suppressed-address.ts";
import { dumpOf, rowsOf, untilIdle } from "../../test/support/tables.ts";
import { sendResetLink } from "./send-reset-link.ts";
import { setTemporaryPassword } from "./set-temporary-password.ts";

const rekey = await testRekey();

interface Copied {
  readonly link?: string;
  readonly expires_at: string;
}

suite("a copied reset link", () => {
  test("is the live one, is shown once, lives from that moment on, and is kept nowhere", async () => {
    const { oak, maria, owner } = await cast();
    await rekey.sink.pause();
    const id = await send(oak, maria, owner);
    const answer = await copy(oak, id, owner);
    await rekey.sink.resume();
    const { link = "", expires_at: expiresAt } = answer.json() as Copied;
    assert.equal(answer.status, 200, answer.text);
    const lifeMs = Date.parse(expiresAt) - rekey.clock.now().getTime();
    assert(lifeMs > 59 * MINUTE_MS && lifeMs <= 60 * MINUTE_MS, `${lifeMs} ms`);
    rekey.clock.advance(MINUTE_MS);
    oak.deps.wakeWorker();
    await untilIdle(oak);
    const [mail] = oak.linksTo(maria);
    assert(mail);
    assert.equal(link, `${oak.instance.origin}/reset-password/${tokenIn(mail)}`, "the mail has the same link");
    const token = tokenIn(mail);
    for (const place of [await dumpOf(oak), rekey.log.join("\n")]) assert(!place.includes(token.slice(22)));
    const { timeline } = (await oak.api("GET", `/recoveries/${id}`, { cookies: owner })).json() as {
      timeline: { event: string; detail: object }[];
    };
    const copied = timeline.filter(({ detail }) => "copied" in detail);
    assert.deepEqual(copied, [{ ...copied[0], event: "requested", detail: { by: oak.owner.name, copied: true } }]);
    assert.equal((await redeem(oak, token)).status, 204);
  });

  test("tells the person who had a copy, once the password is set with it", async () => {
    const { oak, maria, owner } = await cast();
    const page = `/settings/users/${maria.id}/copy-reset-link`;
    const answer = await oak.request(page, { form: {}, cookies: owner });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["cache-control"], "no-store");
    const token = /\/reset-password\/([\w-]+)/.exec(answer.text)?.[1] ?? "";
    assert.equal(oak.linksTo(maria).length, 0, "nothing was mailed");
    assert.equal((await redeem(oak, token)).status, 204);
    const { message } = await oak.mailTo(maria.email, (mail) => /was changed/.test(mail.message.subject ?? ""));
    assert.match(message.text ?? "", new RegExp(`your reset link, of which ${oak.owner.name} had a copy`));
    assert.match(message.text ?? "", /This was not me/);
    const profile = await oak.request(`/settings/users/${maria.id}`, { cookies: owner });
    assert.match(profile.text, /Link copied/);
    assert(!profile.text.includes(token));
  });

  test("is not repeated to who repeats the request", async () => {
    const { oak, maria, owner } = await cast();
    const id = await send(oak, maria, owner);
    const headers = { "idempotency-key": "copy" };
    const first = (await copy(oak, id, owner, { headers })).json() as Copied;
    const again = await copy(oak, id, owner, { headers });
    assert.deepEqual([again.status, again.json()], [200, { expires_at: first.expires_at }]);
    assert.equal((await acts(oak)).length, 1, "the second time nothing was done");
  });

  test("is nobody's where the instance lets links leave by mail alone, which it does unless told otherwise", async () => {
    const { oak, maria, owner } = await cast();
    const id = await send(oak, maria, owner);
    await allow(oak, owner, false);
    const refused = await copy(oak, id, owner);
    assert.deepEqual([refused.status, codeOf(refused)], [403, "not_permitted"]);
    assert.match((refused.json() as { detail: string }).detail, /leave by mail alone/);
    const page = `/settings/users/${maria.id}/copy-reset-link`;
    for (const options of [{}, { form: {} }])
      assert.equal((await oak.request(page, { ...options, cookies: owner })).status, 403);
    assert(!(await oak.request(`/settings/users/${maria.id}`, { cookies: owner })).text.includes("Copy reset link"));
    const fresh = await rekey.createInstance();
    const settings = await fresh.api("GET", "/settings", { cookies: await fresh.asOwner() });
    assert.equal((settings.json() as { allows_copied_links: boolean }).allows_copied_links, false);
  });

  test("is nobody's of a higher role, one's own, or without the permission, and the entry says why", async () => {
    const { oak, maria, owner } = await cast();
    const as = async (role: Role): Promise<{ user: TestUser; cookies: CookieJar }> => {
      const user = await oak.addUser({ role });
      return { user, cookies: await oak.signIn(user) };
    };
    const [admin, support] = [await as("admin"), await as("support")];
    const [toOwner, toAdmin, toMaria] = [
      await sendAsOperator(oak, oak.owner),
      await send(oak, admin.user, owner),
      await send(oak, maria, owner),
    ];
    for (const [id, cookies] of [
      [toOwner, admin.cookies],
      [toOwner, owner],
      [toAdmin, admin.cookies],
      [toMaria, support.cookies],
    ] as const)
      assert.equal((await copy(oak, id, cookies)).status, 403);
    const page = `/settings/users/${oak.owner.id}/copy-reset-link`;
    assert.equal((await oak.request(page, { form: {}, cookies: admin.cookies })).status, 403);
    const seen = await oak.request(`/settings/users/${maria.id}`, { cookies: support.cookies });
    assert.match(seen.text, /aria-disabled="true"[^>]*>\s*Copy reset link/);
    assert.match(seen.text, /This needs the role Owner or Admin\./);
  });

  test("exists only while there is a live link", async () => {
    const { oak, maria, owner } = await cast();
    const verification = { method: "in_person", note: "" } as const;
    const { recovery } = await setTemporaryPassword(oak.deps, oak.scope, {
      userId: maria.id,
      mode: "generated",
      verification,
    });
    const revoked = await send(oak, maria, owner);
    await oak.api("DELETE", `/recoveries/${revoked}`, { cookies: owner });
    const expired = await send(oak, await oak.addUser(), owner);
    await untilIdle(oak);
    rekey.clock.advance(61 * MINUTE_MS);
    const later = await oak.asOwner();
    for (const id of [recovery.id, revoked, expired]) {
      const refused = await copy(oak, id, later);
      assert.deepEqual([refused.status, codeOf(refused)], [409, "no_live_link"]);
    }
    const page = `/settings/users/${maria.id}/copy-reset-link`;
    assert.equal((await oak.request(page, { form: {}, cookies: later })).status, 200, "the page begins a new one");
    assert.equal((await rowsOf(oak, "recoveries")).filter(({ state }) => state === "open").length, 3);
  });

  test("works, and can be revoked, where no mail is sent any more since it comes back", async () => {
    const { oak, maria, owner } = await cast();
    const id = await send(oak, maria, owner);
    await untilIdle(oak);
    await suppressedAddress(oak, maria.email);
    const queued = (await rowsOf(oak, "emails")).length;
    const { link = "" } = (await copy(oak, id, owner)).json() as Copied;
    const page = `/settings/users/${maria.id}/copy-reset-link`;
    const shown = await oak.request(page, { form: {}, cookies: owner });
    assert(link !== "" && shown.text.includes(link), "the live one, from the page too");
    assert.equal((await rowsOf(oak, "emails")).length, queued);
    const profile = await oak.request(`/settings/users/${maria.id}`, { cookies: owner });
    assert(profile.text.includes(`/recoveries/${id}/revoke"`));
    assert.equal((await redeem(oak, link.split("/").at(-1) ?? "")).status, 204);
  });

  test("asks how it was made sure who is asking, where the instance wants that for links", async () => {
    const { oak, maria, owner } = await cast();
    await oak.api("PATCH", "/settings", { json: { requires_verification_for_links: true }, cookies: owner });
    const page = `/settings/users/${maria.id}/copy-reset-link`;
    const profile = await oak.request(`/settings/users/${maria.id}`, { cookies: owner });
    assert(profile.text.includes(`href="${page}"`) && !profile.text.includes(`action="${page}"`));
    assert.match((await oak.request(page, { cookies: owner })).text, /name="verification_method"/);
    assert.equal((await oak.request(page, { form: {}, cookies: owner })).status, 422);
    const form = { verification_method: "video_call", verification_note: "Saw her badge" };
    assert.equal((await oak.request(page, { form, cookies: owner })).status, 200);
    const [verification] = await rowsOf(oak, "verifications");
    assert.deepEqual([verification?.method, verification?.note], ["video_call", "Saw her badge"]);
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; owner: CookieJar }> {
  const oak = await rekey.createInstance();
  const owner = await oak.asOwner();
  await allow(oak, owner, true);
  return { oak, maria: await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" }), owner };
}

async function allow(oak: TestInstance, cookies: CookieJar, isAllowed: boolean): Promise<void> {
  const answer = await oak.api("PATCH", "/settings", { json: { allows_copied_links: isAllowed }, cookies });
  assert.equal(answer.status, 200, answer.text);
}

async function send(oak: TestInstance, user: TestUser, cookies: CookieJar): Promise<string> {
  const sent = await oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies });
  assert.equal(sent.status, 202, sent.text);
  return (sent.json() as { id: string }).id;
}

/** @returns the id of the link. */
async function sendAsOperator(oak: TestInstance, { id: userId }: TestUser): Promise<string> {
  return (await sendResetLink(oak.deps, oak.scope, { userId })).id;
}

function copy(
  oak: TestInstance,
  recoveryId: string,
  cookies: CookieJar,
  options: { headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  return oak.api("POST", `/recoveries/${recoveryId}/copy-link`, { json: {}, cookies, ...options });
}

async function acts(oak: TestInstance): Promise<readonly unknown[]> {
  return (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "recovery.copy_link");
}
