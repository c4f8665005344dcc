import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { newId } from "#platform/crypto/id.ts";
import type { Ticket } from "#tickets/ticket.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { rowsOf } from "../../test/support/tables.ts";
import { openedTicket, readTicket } from "../../test/support/ticket.ts";

const rekey = await testRekey();

suite("S18: deactivation asks to whom the open tickets go", () => {
  test("and is refused until somebody is chosen who may work on them; what is closed stays theirs", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const cookies = await oak.asOwner();
    const [leaving, member] = [await oak.addUser({ role: "support" }), await oak.addUser()];
    const successor = await oak.addUser({ role: "support", firstName: "Sofia" });
    const tickets = [];
    for (const status of ["open", "waiting_for_user", "closed"]) {
      const ticket = await openedTicket(oak);
      const json = { assignee: leaving.id, status };
      assert.equal((await oak.api("PATCH", `/tickets/${ticket.id}`, { json, cookies })).status, 200);
      tickets.push(ticket);
    }
    const deactivate = (json: object) => oak.api("POST", `/users/${leaving.id}/deactivate`, { json, cookies });
    for (const reassignTo of [undefined, leaving.id, member.id, newId(), pine.owner.id]) {
      const refused = await deactivate(reassignTo === undefined ? {} : { reassign_to: reassignTo });
      const { errors } = refused.json() as { errors?: { field: string }[] };
      assert.deepEqual([refused.status, errors?.[0]?.field], [422, "reassign_to"], String(reassignTo));
    }
    assert.equal((await deactivate({ reassign_to: successor.id })).status, 200);
    const assignees = await Promise.all(tickets.map(async ({ id }) => (await readTicket(oak, id, cookies)).assignee));
    assert.deepEqual(assignees, [successor.id, successor.id, leaving.id]);
    const first = await readTicket(oak, tickets[0]?.id ?? "", cookies);
    assert.match(first.messages.at(-1)?.text ?? "", /^Handed over to Sofia/);
    const event = (await rowsOf(oak, "audit_events")).find(
      ({ action, result }) => action === "user.deactivate" && result === "ok",
    );
    assert.deepEqual(event?.detail, { sessions_ended: 0, tickets_handed_over: 2 });
  });

  test("on the page by a required choice, and asks nothing where there are none", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const leaving = await oak.addUser({ role: "support", firstName: "Lena" });
    const page = `/settings/users/${leaving.id}/deactivate`;
    assert(!(await oak.request(page, { cookies })).text.includes("takes over"));
    const { id } = await openedTicket(oak);
    await oak.api("PATCH", `/tickets/${id}`, { json: { assignee: leaving.id }, cookies });
    const asked = (await oak.request(page, { cookies })).text;
    assert.match(asked, /Who takes over the open ticket of Lena\?/);
    assert.match(asked, /<select[^>]*name="reassign_to"[^>]*required/);
    assert(!asked.includes(`<option value="${leaving.id}"`));
    const refused = await oak.request(page, { form: { reassign_to: "" }, cookies });
    assert.equal(refused.status, 422);
    assert(refused.text.includes("Choose who takes over"));
    assert.equal((await oak.request(page, { form: { reassign_to: oak.owner.id }, cookies })).status, 303);
    assert.equal((await readTicket(oak, id, cookies)).assignee, oak.owner.id);
  });

  test("leaves no ticket with who leaves, though one is assigned to them at the same moment", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    for (let round = 0; round < 5; round += 1) {
      const leaving = await oak.addUser({ role: "support" });
      const { id } = await openedTicket(oak);
      const json = { reassign_to: oak.owner.id };
      await Promise.all([
        oak.api("PATCH", `/tickets/${id}`, { json: { assignee: leaving.id }, cookies }),
        oak.api("POST", `/users/${leaving.id}/deactivate`, { json, cookies }),
      ]);
      assert.notEqual((await readTicket(oak, id, cookies)).assignee, leaving.id);
    }
  });

  test("goes well at the moment at which others give the same tickets to who takes over", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const successor = await oak.addUser({ role: "support" });
    for (let round = 0; round < 8; round += 1) {
      const leaving = await oak.addUser({ role: "support" });
      const tickets = await Promise.all(Array.from({ length: 6 }, () => openedTicket(oak)));
      const assign = ({ id }: Ticket, assignee: string) =>
        oak.api("PATCH", `/tickets/${id}`, { json: { assignee }, cookies });
      for (const ticket of tickets) assert.equal((await assign(ticket, leaving.id)).status, 200);
      const json = { reassign_to: successor.id };
      const answers = await Promise.all([
        ...tickets.map((ticket) => assign(ticket, successor.id)),
        oak.api("POST", `/users/${leaving.id}/deactivate`, { json, cookies }),
      ]);
      assert.deepEqual(
        answers.filter(({ status }) => status !== 200).map(({ text }) => text),
        [],
      );
      for (const { id } of tickets) assert.equal((await readTicket(oak, id, cookies)).assignee, successor.id);
    }
  });
});

test("Whoever may work on no tickets any more leaves theirs to nobody, and each says so", async () => {
  const oak = await rekey.createInstance();
  const cookies = await oak.asOwner();
  for (const [role, stays] of [
    ["support", true],
    ["member", false],
    ["no_access", false],
  ] as const) {
    const admin = await oak.addUser({ role: "admin" });
    const { id } = await openedTicket(oak);
    await oak.api("PATCH", `/tickets/${id}`, { json: { assignee: admin.id }, cookies });
    assert.equal((await oak.api("PATCH", `/users/${admin.id}`, { json: { role }, cookies })).status, 200);
    const { assignee, messages } = await readTicket(oak, id, cookies);
    assert.equal(assignee, stays ? admin.id : null, role);
    assert.equal(messages.at(-1)?.text === "Nobody works on it now", !stays, role);
  }
});

suite("One's own account", () => {
  test("shows one's own tickets, by number, subject and status, and nobody else's", async () => {
    const oak = await rekey.createInstance();
    const [maria, tom] = [await oak.addUser(), await oak.addUser()];
    await openedTicket(oak, { name: "Maria", email: maria.email });
    const { text } = await oak.request("/account", { cookies: await oak.signIn(maria) });
    assert.match(text, /#1<\/span> I cannot sign in/);
    assert(text.includes("Your requests") && !text.includes("/tickets/1"));
    const other = await oak.request("/account", { cookies: await oak.signIn(tom) });
    assert(!other.text.includes("Your requests"));
  });
});
