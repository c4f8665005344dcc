import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";
import type { ShownTicket } from "../../test/support/ticket.ts";
import { namesOf } from "./request-access.ts";

const rekey = await testRekey();

suite("S14: requesting access", () => {
  test("asks everybody by mail who can give it, once a day, and is recorded", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.addUser({ role: "admin" });
    const support = await oak.addUser({ role: "support", firstName: "Sofia" });
    const cookies = await oak.signIn(support);
    const json = { permission: "recovery.set_temporary_password", note: "For the night shift" };
    const ask = () => oak.api("POST", "/access-requests", { json, cookies });
    assert.equal((await ask()).status, 202);
    for (const { email } of [oak.owner, admin]) {
      const { message } = await oak.mailTo(email, (mail) => /requests access/.test(mail.message.subject ?? ""));
      assert.match(message.text ?? "", /Set temporary passwords and require new ones/);
      assert.match(message.text ?? "", /“For the night shift”/);
      assert.match(message.text ?? "", new RegExp(`/settings/users/${support.id}`));
    }
    const again = await ask();
    assert.deepEqual([again.status, codeOf(again)], [429, "too_many_requests"]);
    await untilIdle(oak);
    const mails = (await rowsOf(oak, "emails")).filter(({ kind }) => kind === "access_requested");
    assert.equal(mails.length, 2);
    const event = (await rowsOf(oak, "audit_events")).find(
      ({ action, result }) => action === "access.request" && result === "ok",
    );
    assert.deepEqual([event?.actor_id, event?.reason], [support.id, "For the night shift"]);
    const owner = await oak.asOwner();
    const tickets = (await oak.api("GET", "/tickets", { cookies: owner })).json() as { items: ShownTicket[] };
    assert.deepEqual(
      tickets.items.map(({ id, subject, requester }) => [id, subject, requester.user_id]),
      [[event?.ticket_id, "Access requested: Set temporary passwords and require new ones", support.id]],
    );
    rekey.clock.advance(DAY_MS);
    const tomorrow = await oak.signIn(support);
    assert.equal((await oak.api("POST", "/access-requests", { json, cookies: tomorrow })).status, 202);
  });

  test("is not for what one has, nor for a program", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const json = { permission: "audit.read" };
    assert.equal((await oak.api("POST", "/access-requests", { json, cookies: owner })).status, 422);
    const made = await oak.api("POST", "/api-keys", { json: { name: "Desk", scopes: ["users.read"] }, cookies: owner });
    const headers = { authorization: `Bearer ${(made.json() as { key: string }).key}` };
    assert.equal((await oak.api("POST", "/access-requests", { json, headers })).status, 401);
    const unknown = await oak.api("POST", "/access-requests", { json: { permission: "everything" }, cookies: owner });
    assert.equal(unknown.status, 422);
  });

  test("is offered on the page of a refusal, with who can give it, to whose role lacks something and to nobody else", async () => {
    const oak = await rekey.createInstance();
    const support = await oak.addUser({ role: "support" });
    const offered = async (cookies: CookieJar, id: string) => {
      const refused = await oak.request(`/settings/users/${id}/edit`, { cookies });
      assert.equal(refused.status, 403);
      return [
        refused.text.includes(`${oak.owner.name} can give you what your role lacks`),
        refused.text.includes("Request access"),
      ];
    };
    assert.deepEqual(await offered(await oak.signIn(support), oak.owner.id), [true, true]);
    assert.deepEqual(await offered(await oak.asOwner(), oak.owner.id), [false, false]);
  });

  test("names whom to ask: a few, or the first and how many more", () => {
    const people = ["Ada", "Ben", "Cleo", "Dana", "Eve"].map((name) => ({ name }));
    assert.equal(namesOf(people.slice(0, 2)), "Ada and Ben");
    assert.equal(namesOf(people.slice(0, 4)), "Ada, Ben, Cleo, and Dana");
    assert.equal(namesOf(people), "Ada, Ben, Cleo, and 2 others");
  });
});
