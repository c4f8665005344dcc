import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { MINUTE_MS } from "#lib/clock.ts";
import { newId } from "#platform/crypto/id.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { jobsOf, rowsOf, untilIdle } from "../../test/support/tables.ts";
import { openedTicket, readTicket, type ShownTicket } from "../../test/support/ticket.ts";

const rekey = await testRekey();

const MARIA = { name: "Maria Gonzalez", email: "maria@elsewhere.example" };

suite("Tickets", () => {
  test("are opened by API with a number of their instance, linked to the account of the address or to the one that is named", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const owner = await oak.asOwner();
    const maria = await oak.addUser();
    const stranger = await open(oak, owner, { subject: " Locked out ", message: "Help\nplease", requester: MARIA });
    assert.deepEqual(
      [stranger.number, stranger.subject, stranger.status, stranger.requester],
      [1, "Locked out", "open", { user_id: null, ...MARIA }],
    );
    const [message] = stranger.messages;
    assert.deepEqual([message?.text, message?.author.type], ["Help\nplease", "requester"]);

    const named = { name: "M.", email: maria.email.toUpperCase() };
    const known = await open(oak, owner, { subject: "Again", requester: named });
    assert.deepEqual([known.number, known.requester.user_id, known.messages.length], [2, maria.id, 0]);
    const chosen = await open(oak, owner, { subject: "By hand", requester: { ...MARIA, user_id: maria.id } });
    assert.equal(chosen.requester.user_id, maria.id);
    assert.equal((await openedTicket(pine)).number, 1, "each instance counts for itself");

    for (const userId of [newId(), pine.owner.id]) {
      const json = { subject: "x", requester: { ...MARIA, user_id: userId } };
      const refused = await oak.api("POST", "/tickets", { json, cookies: owner });
      assert.deepEqual([refused.status, fieldIn(refused)], [422, "requester.user_id"]);
    }
    for (const [field, json] of [
      ["subject", { subject: " ", requester: MARIA }],
      ["requester.email", { subject: "x", requester: { ...MARIA, email: "maria@a.example, eve@b.example" } }],
      ["requester.name", { subject: "x", requester: { ...MARIA, name: "" } }],
      ["external_url", { subject: "x", requester: MARIA, external_url: "javascript:alert(1)" }],
    ] as const)
      assert.equal(fieldIn(await oak.api("POST", "/tickets", { json, cookies: owner })), field);
    assert.equal(
      (await open(oak, owner, { subject: "Next", requester: MARIA })).number,
      4,
      "a refusal takes no number",
    );
  });

  test("have numbers without gaps or repeats, however many are opened at once", async () => {
    const oak = await rekey.createInstance();
    const tickets = await Promise.all(Array.from({ length: 20 }, () => openedTicket(oak)));
    assert.deepEqual(
      tickets.map(({ number }) => number).toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  test("are changed: status, assignee, reference, subject, each said in the conversation once and recorded", async () => {
    const oak = await rekey.createInstance();
    const [owner, support, member] = [await oak.asOwner(), await oak.addUser({ role: "support" }), await oak.addUser()];
    const { id } = await openedTicket(oak);
    const patch = (json: object) => oak.api("PATCH", `/tickets/${id}`, { json, cookies: owner });
    const json = { status: "waiting_for_user", assignee: support.id, external_url: "https://desk.example/7" };
    for (const time of [1, 2]) assert.equal((await patch(json)).status, 200, `time ${time}`);
    const changed = await readTicket(oak, id, owner);
    assert.deepEqual([changed.status, changed.assignee, changed.external_url], Object.values(json));
    assert.deepEqual(
      changed.messages.map(({ kind }) => kind),
      ["said", "status_changed", "assigned"],
    );
    assert.equal((await patch({ external_url: null, assignee: null, subject: "Other" })).status, 200);
    assert.equal((await readTicket(oak, id, owner)).external_url, null);

    const gone = await oak.addUser({ role: "support" });
    await oak.api("POST", `/users/${gone.id}/deactivate`, { json: {}, cookies: owner });
    for (const assignee of [member.id, gone.id, newId()])
      assert.equal(fieldIn(await patch({ assignee })), "assignee", assignee);
    const events = (await rowsOf(oak, "audit_events")).filter((event) => event.ticket_id === id);
    assert.deepEqual(events.map(({ action, result }) => `${String(action)} ${String(result)}`).toSorted(), [
      "ticket.open ok",
      ...Array(3).fill("ticket.update ok"),
      ...Array(3).fill("ticket.update refused"),
    ]);
  });

  test("of an address that nobody has are linked to an account once it is known whose they are", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser({ firstName: "Maria" })];
    const { id, number } = await openedTicket(oak, { name: "maria", email: "maria@elsewhere.example" });
    const page = async (): Promise<string> => (await oak.request(`/tickets/${number}`, { cookies: owner })).text;
    assert((await page()).includes(maria.email), "who has the name is offered");
    const choose = (account: string) =>
      oak.request(`/tickets/${number}/account`, { form: { account }, cookies: owner });
    const refused = await choose("nobody.here");
    assert.equal(refused.status, 422);
    assert.match(refused.text, /Nobody here goes by this user name or address\./);
    assert.match(refused.text, /value="nobody.here"/, "what was typed stays");
    for (const time of [1, 2]) assert.equal((await choose(maria.username)).status, 303, `time ${time}`);
    const linked = await readTicket(oak, id, owner);
    assert.deepEqual(linked.requester, { user_id: maria.id, name: "maria", email: "maria@elsewhere.example" });
    assert.deepEqual(
      linked.messages.map(({ kind }) => kind),
      ["said", "linked"],
    );
    assert.match(await page(), /Can Maria sign in\?/);
    assert.match(await page(), /Send Reset Link/);

    const ben = await oak.addUser({ firstName: "Ben" });
    const patch = (userId: string) =>
      oak.api("PATCH", `/tickets/${id}`, { json: { requester: { user_id: userId } }, cookies: owner });
    assert.equal(fieldIn(await patch(newId())), "requester.user_id");
    assert.equal((await patch(ben.id)).status, 200);
    assert.equal((await readTicket(oak, id, owner)).requester.user_id, ben.id);
    const elsewhere = await (await rekey.createInstance()).addUser();
    assert.equal(fieldIn(await patch(elsewhere.id)), "requester.user_id", "nobody of another instance");
  });

  test("are listed with what last happened first, by page, counted, and found by any word or number", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const tickets = [];
    for (const name of ["Ana Ruiz", "Émile Blanc", "Tom Wu"]) {
      tickets.push(await openedTicket(oak, { name, email: MARIA.email }));
      rekey.clock.advance(1_000);
    }
    const [ana, emile, tom] = tickets;
    await oak.api("PATCH", `/tickets/${ana?.id}`, { json: { status: "closed" }, cookies: owner });
    const numbersOf = async (query: string): Promise<{ numbers: number[]; cursor: string | null }> => {
      const answer = await oak.api("GET", `/tickets?${query}`, { cookies: owner });
      assert.equal(answer.status, 200, answer.text);
      const page = answer.json() as { items: ShownTicket[]; next_cursor: string | null; counts: object };
      assert.deepEqual(page.counts, { open: 2, waiting_for_user: 0, done: 1 });
      return { numbers: page.items.map(({ number }) => number), cursor: page.next_cursor };
    };
    assert.deepEqual((await numbersOf("")).numbers, [ana?.number, tom?.number, emile?.number]);
    assert.deepEqual((await numbersOf("status=open")).numbers, [3, 2]);
    assert.deepEqual((await numbersOf("status=done")).numbers, [1]);
    assert.deepEqual((await numbersOf("status=resolved")).numbers, []);
    assert.deepEqual((await numbersOf("status=closed")).numbers, [1]);
    assert.deepEqual((await numbersOf("q=emile")).numbers, [2]);
    assert.deepEqual((await numbersOf("q=%233")).numbers, [3]);
    assert.deepEqual((await numbersOf("q=%25")).numbers, []);
    const first = await numbersOf("limit=2");
    assert.deepEqual(first.numbers, [1, 3]);
    assert.deepEqual(await numbersOf(`limit=2&cursor=${first.cursor}`), { numbers: [2], cursor: null });
    for (const cursor of ["x", Buffer.from('["x","y"]').toString("base64url"), ana?.id])
      assert.equal((await oak.api("GET", `/tickets?cursor=${cursor}`, { cookies: owner })).status, 422);
  });

  test("belong to a recovery that was begun in one, and to the record of the act", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    const { id: ticketId } = await openedTicket(oak);
    const verification = { method: "in_person" };
    const acts = [
      ["/reset-links", {}],
      ["/require-new-password", {}],
      ["/temporary-password", { mode: "generated", verification }],
      ["/reset-links/correct-and-send", { email: `new-${maria.username}@oak.example` }],
    ] as const;
    for (const [path, body] of acts) {
      for (const foreign of [newId(), (await openedTicket(pine)).id]) {
        const json = { ...body, ticket_id: foreign };
        const refused = await oak.api("POST", `/users/${maria.id}${path}`, { json, cookies: owner });
        assert.deepEqual([refused.status, codeOf(refused), fieldIn(refused)], [422, "validation_failed", "ticket_id"]);
      }
      const json = { ...body, ticket_id: ticketId };
      const done = await oak.api("POST", `/users/${maria.id}${path}`, { json, cookies: owner });
      assert(done.status < 300, done.text);
      const answer = done.json() as { ticket_id?: string; recovery?: { ticket_id: string } };
      assert.equal(answer.recovery?.ticket_id ?? answer.ticket_id, ticketId, path);
    }
    await untilIdle(oak);
    const { recoveries } = await readTicket(oak, ticketId, owner);
    assert.equal(recoveries.length, 3, "the second link was the first, mailed again");
    const recorded = (await rowsOf(oak, "audit_events")).filter(
      (event) => event.ticket_id === ticketId && event.result === "ok" && String(event.action).startsWith("recovery."),
    );
    assert.equal(recorded.length, acts.length);
  });

  test("are kept to their instance", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const owner = await oak.asOwner();
    const { id } = await openedTicket(pine);
    assert.equal((await oak.api("GET", `/tickets/${id}`, { cookies: owner })).status, 404);
    const json = { status: "closed" };
    assert.equal((await oak.api("PATCH", `/tickets/${id}`, { json, cookies: owner })).status, 404);
    const said = await oak.api("POST", `/tickets/${id}/messages`, { json: { text: "x" }, cookies: owner });
    assert.equal(said.status, 404);
    const list = (await oak.api("GET", "/tickets", { cookies: owner })).json() as { items: unknown[] };
    assert.deepEqual(list.items, []);
  });
});

suite("Contact your administrator, by API", () => {
  test("opens a ticket and tells nothing: the same answer whether the address is of an account or not", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    const ask = (email: string) =>
      oak.api("POST", "/support-requests", { json: { name: "Maria", email, message: "I cannot\nsign in" } });
    const [known, unknown] = [await ask(maria.email), await ask("nobody@elsewhere.example")];
    assert.deepEqual([known.status, known.text], [202, unknown.text]);
    await untilIdle(oak);
    const { items } = (await oak.api("GET", "/tickets", { cookies: owner })).json() as { items: ShownTicket[] };
    assert.deepEqual(
      new Set(items.map(({ requester, subject }) => `${requester.user_id} ${subject}`)),
      new Set([`${maria.id} I cannot`, "null I cannot"]),
    );
    assert.equal((await rowsOf(oak, "emails")).length, 0, "nobody is mailed, so that nobody's inbox is filled");
    assert.equal(fieldIn(await ask("no address")), "email");
  });

  test("opens no more than a few of one address, while the answer stays the same and the record tells", async () => {
    const oak = await rekey.createInstance();
    const answers = [];
    for (let number = 0; number < 8; number += 1) {
      const json = { name: "Maria", email: "Maria@elsewhere.example", message: `Message ${number}` };
      answers.push((await oak.api("POST", "/support-requests", { json })).text);
    }
    assert.equal(new Set(answers).size, 1);
    await untilIdle(oak);
    assert.equal((await rowsOf(oak, "tickets")).length, 5);
    const refused = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "ticket.open");
    assert.deepEqual(refused.filter(({ result }) => result === "refused").length, 3);
  });

  test("loses nothing that a whole shift writes at once: what is too much for one source waits for its turn", async () => {
    const oak = await rekey.createInstance();
    for (let number = 0; number < 24; number += 1) {
      const json = { name: "Kim", email: `kim${number}@elsewhere.example`, message: "I cannot sign in" };
      await oak.api("POST", "/support-requests", { json });
    }
    const counts = new Set<number>();
    for (let minutes = 0; minutes <= 10; minutes += 1) {
      oak.deps.wakeWorker();
      while ((await dueJobs(oak)) > 0) await pause(10);
      counts.add((await rowsOf(oak, "tickets")).length);
      rekey.clock.advance(MINUTE_MS);
    }
    assert(Math.min(...counts) <= 20 && Math.max(...counts) === 24, [...counts].join(" "));
  });
});

async function dueJobs(oak: TestInstance): Promise<number> {
  const now = rekey.clock.now().toISOString();
  return (await jobsOf(oak)).filter((job) => new Date(String(job.next_attempt_at)).toISOString() <= now).length;
}

async function open(oak: TestInstance, cookies: CookieJar, json: object): Promise<ShownTicket> {
  const answer = await oak.api("POST", "/tickets", { json, cookies });
  assert.equal(answer.status, 201, answer.text);
  return answer.json() as ShownTicket;
}

function fieldIn(answer: { json(): unknown }): string | undefined {
  return (answer.json() as { errors?: { field: string }[] }).errors?.[0]?.field;
}
