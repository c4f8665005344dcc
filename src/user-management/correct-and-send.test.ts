import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { updateSettings } from "#settings/update-settings.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { codeOf, mailLink, redeem } from "../../test/support/reset-link.ts";
import { openedTicket } from "../../test/support/ticket.ts";
import { suppressedAddress } from "../../test/support/suppressed-address.ts";
import { dumpOf, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();
const RIGHT = "maria.gonzalez@oak.example";

suite("Correct address and send", () => {
  test("S17 is about the same ticket as the link that ends by it", async () => {
    const { oak, maria, owner } = await cast();
    const { id } = await openedTicket(oak, maria);
    const json = { ticket_id: id };
    await oak.api("POST", `/users/${maria.id}/reset-links`, { json, cookies: owner });
    const answer = await correct(oak, maria, owner, { email: "maria.in.a.ticket@oak.example" });
    assert.equal((answer.json() as { ticket_id: string | null }).ticket_id, id, answer.text);
  });

  test("corrects, tells the old address, kills its link and mails a fresh one, in one act of the record", async () => {
    const { oak, maria, owner } = await cast();
    const old = await mailLink(oak, "admin", { user: maria, admin: owner });
    const answer = await correct(oak, maria, owner, { email: ` ${RIGHT} `, reason: "Misspelt" });
    assert.equal(answer.status, 202, answer.text);
    const { sent_to: sentTo } = answer.json() as { sent_to: string };
    assert.equal(sentTo, RIGHT);
    const told = await oak.mailTo(maria.email, ({ message }) => /address of your account/.test(message.subject ?? ""));
    assert.match(told.message.text ?? "", new RegExp(`New address: ${RIGHT}`));
    assert.deepEqual(codeOf(await redeem(oak, old)), "link_revoked");
    const mail = await oak.mailTo(RIGHT, ({ message }) => /Set a new password/.test(message.subject ?? ""));
    assert.equal((await redeem(oak, tokenIn(mail))).status, 204);
    const events = (await rowsOf(oak, "audit_events")).filter(({ request_id: id }) => id === requestOf(answer));
    const [event] = events;
    assert.deepEqual([events.length, event?.action], [1, "recovery.correct_and_send"]);
    const detail = event?.detail as Record<string, unknown>;
    assert.deepEqual([detail.email_from, detail.email_to], [maria.email, RIGHT]);
  });

  test("says on the page that the instruction was sent, in the words of the article", async () => {
    const { oak, maria, owner } = await cast();
    const page = `/settings/users/${maria.id}/correct-and-send`;
    assert.match((await oak.request(page, { cookies: owner })).text, new RegExp(`value="${maria.email}"`));
    assert.equal((await oak.request(page, { form: { email: RIGHT }, cookies: owner })).status, 303);
    const profile = await oak.request(`/settings/users/${maria.id}`, { cookies: owner });
    assert.match(profile.text, /Reset Password Instruction has been sent successfully!/);
    await oak.mailTo(RIGHT);
  });

  test("S11 asks once about an address that looks misspelt, and offers the one that may be meant for the one on file", async () => {
    const { oak, owner } = await cast();
    for (const name of ["sam", "kim"]) await oak.addUser({ email: `${name}@oakrecovery.example` });
    const wrong = "tom@oakrecvery.example";
    const tom = await oak.addUser({ email: wrong });
    const page = `/settings/users/${tom.id}/correct-and-send`;
    const asked = await oak.request(page, { cookies: owner });
    assert.match(asked.text, /Did you mean tom@oakrecovery\.example\?/);
    assert.doesNotMatch(asked.text, /Send to it as it is/, "it is the address already");

    const again = "tommy@oakrecovry.example";
    const doubted = await oak.request(page, { form: { email: again }, cookies: owner });
    assert.equal(doubted.status, 422);
    for (const words of [/Did you mean tommy@oakrecovery\.example\?/, /Send to it as it is/, `value="${again}"`])
      assert.match(doubted.text, new RegExp(words));
    await untilIdle(oak);
    assert.equal((await rowsOf(oak, "emails")).length, 0, "nothing is sent before the answer");

    const kept = await oak.request(page, { form: { email: again, email_is_right: again }, cookies: owner });
    assert.equal(kept.status, 303, kept.text);
    await oak.mailTo(again);
    const meant = "tommy@oakrecovery.example";
    const used = await oak.request(page, { form: { email: again, email_instead: meant }, cookies: owner });
    assert.equal(used.status, 303, used.text);
    await oak.mailTo(meant);
  });

  test("changes and sends nothing where the address is none, is taken, or is the present one", async () => {
    const { oak, maria, owner } = await cast();
    const other = await oak.addUser();
    const before = await essentials(oak);
    for (const [email, status, code] of [
      ["no address", 422, "malformed"],
      ["two@oak.example,three@oak.example", 422, "malformed"],
      [maria.email.toUpperCase(), 422, "unchanged"],
      [other.email, 409, "email_taken"],
    ] as const) {
      const refused = await correct(oak, maria, owner, { email });
      const { code: whole, errors } = refused.json() as { code: string; errors?: { field: string; code: string }[] };
      assert.deepEqual([refused.status, errors?.[0]?.code ?? whole], [status, code], email);
      if (errors) assert.equal(errors[0]?.field, "email");
      const page = await oak.request(`/settings/users/${maria.id}/correct-and-send`, {
        form: { email },
        cookies: owner,
      });
      assert.equal(page.status, 422, "beside the field");
      assert(page.text.includes('aria-invalid="true"'));
    }
    assert.deepEqual(await essentials(oak), before);
  });

  test("is offered where mails come back, and sends at once to the right address", async () => {
    const { oak, maria, owner } = await cast();
    const profile = async (): Promise<string> =>
      (await oak.request(`/settings/users/${maria.id}`, { cookies: owner })).text;
    const right = "maria@right.example";
    const offered = /href="[^"]*\/correct-and-send" class="button/;
    assert.doesNotMatch(await profile(), offered);
    await suppressedAddress(oak, maria.email);
    assert.match(await profile(), offered);
    const { actions } = (await oak.api("GET", `/users/${maria.id}`, { cookies: owner })).json() as {
      actions: Record<string, { allowed: boolean }>;
    };
    assert.deepEqual([actions["send_reset_link"]?.allowed, actions["correct_and_send"]?.allowed], [false, true]);
    assert.equal((await correct(oak, maria, owner, { email: right })).status, 202);
    assert.doesNotMatch(await profile(), offered);
    const mail = await oak.mailTo(right, ({ message }) => /Set a new password/.test(message.subject ?? ""));
    assert.equal((await redeem(oak, tokenIn(mail))).status, 204);
    await untilIdle(oak);
  });

  test("stands behind what the help centre lists, but second where the address looks wrong", async () => {
    const { oak, maria, owner } = await cast();
    for (const name of ["kim", "tom"]) await oak.addUser({ email: `${name}@oakrecovery.example` });
    const misspelt = await oak.addUser({ email: "lee@oakrecvery.example" });
    const menuOf = async ({ id }: TestUser): Promise<string[]> => {
      const { text } = await oak.request(`/settings/users/${id}`, { cookies: owner });
      return [...text.matchAll(/id="menu-([a-z-]+)" class="menu-action"/g)].map(([, path = ""]) => path);
    };
    const usual = ["send-reset-link", "change-password", "require-new-password", "correct-and-send"];
    assert.deepEqual((await menuOf(maria)).slice(0, 4), usual);
    const mended = ["send-reset-link", "correct-and-send", "change-password", "require-new-password"];
    assert.deepEqual((await menuOf(misspelt)).slice(0, 4), mended);
    await suppressedAddress(oak, maria.email);
    assert.deepEqual((await menuOf(maria)).slice(0, 4), mended);
  });

  test("is refused with the reason, and changes nothing, where mails to the new address come back too", async () => {
    const { oak, maria, owner } = await cast();
    await suppressedAddress(oak, maria.email);
    await suppressedAddress(oak, RIGHT);
    const before = await essentials(oak);
    const refused = await correct(oak, maria, owner, { email: RIGHT });
    const { detail } = refused.json() as { detail: string };
    assert.deepEqual([refused.status, codeOf(refused)], [409, "address_suppressed"]);
    assert.match(detail, new RegExp(`A mail to ${RIGHT} came back: There is no such mailbox`));
    const page = `/settings/users/${maria.id}/correct-and-send`;
    const shown = await oak.request(page, { form: { email: RIGHT }, cookies: owner });
    assert.equal(shown.status, 422);
    assert.match(shown.text, new RegExp(`A mail to ${RIGHT} came back`));
    assert.deepEqual(await essentials(oak), before);
  });

  test("needs both permissions, and is refused for oneself, a higher role, and whom no link helps", async () => {
    const { oak, maria, owner } = await cast();
    const admin = await oak.addUser({ role: "admin" });
    const [asAdmin, asSupport] = [await oak.signIn(admin), await oak.signIn(await oak.addUser({ role: "support" }))];
    const noAccess = await oak.addUser({ role: "no_access" });
    const inactive = await oak.addUser();
    await oak.api("POST", `/users/${inactive.id}/deactivate`, { json: {}, cookies: owner });
    for (const [user, cookies, status, code] of [
      [maria, asSupport, 403, "not_permitted"],
      [oak.owner, asAdmin, 403, "not_permitted"],
      [admin, asAdmin, 403, "not_permitted"],
      [noAccess, asAdmin, 409, "role_denies_access"],
      [inactive, asAdmin, 409, "user_inactive"],
    ] as const) {
      const refused = await correct(oak, user, cookies, { email: RIGHT });
      assert.deepEqual([refused.status, codeOf(refused)], [status, code]);
    }
    const seen = await oak.request(`/settings/users/${maria.id}`, { cookies: asSupport });
    assert.match(seen.text, /aria-disabled="true"[^>]*>\s*Correct address and send/);
    assert(!(await dumpOf(oak)).includes(`"email": "${RIGHT}"`));
  });

  test("asks how it was made sure who is asking, where the instance wants that for links", async () => {
    const { oak, maria, owner } = await cast();
    await updateSettings(oak.deps, oak.scope, { requires_verification_for_links: true });
    assert.equal((await correct(oak, maria, owner, { email: RIGHT })).status, 422);
    const form = { email: RIGHT, verification_method: "manager" };
    const page = `/settings/users/${maria.id}/correct-and-send`;
    assert.equal((await oak.request(page, { form: { email: RIGHT }, cookies: owner })).status, 422);
    assert.equal((await oak.request(page, { form, cookies: owner })).status, 303);
    assert.equal((await rowsOf(oak, "verifications"))[0]?.method, "manager");
    await untilIdle(oak);
  });
});

async function cast(): Promise<{ oak: TestInstance; maria: TestUser; owner: CookieJar }> {
  const oak = await rekey.createInstance();
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  return { oak, maria, owner: await oak.asOwner() };
}

function correct(oak: TestInstance, user: TestUser, cookies: CookieJar, json: object): Promise<Answer> {
  return oak.api("POST", `/users/${user.id}/reset-links/correct-and-send`, { json, cookies });
}

function requestOf(answer: Answer): unknown {
  return answer.headers["x-request-id"];
}

/** @returns everything but the record of what was refused. */
async function essentials(oak: TestInstance): Promise<readonly unknown[]> {
  return Promise.all(["users", "recoveries", "emails", "notifications"].map((table) => rowsOf(oak, table)));
}
