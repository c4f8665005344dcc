import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { CookieJar } from "../../test/support/http.ts";
import { testRekey } from "../../test/support/rekey.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";
import { openedTicket, readTicket } from "../../test/support/ticket.ts";

const rekey = await testRekey();

suite("The pages of tickets", () => {
  test("open a ticket, with what is wrong said beside each field and nothing that was typed lost", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const form = { name: "Maria <b>", email: "maria at oak", subject: "", message: "She called", external_url: "desk" };
    const refused = await oak.request("/tickets", { form, cookies });
    assert.equal(refused.status, 422);
    for (const fault of ["Say in a few words", "This is not an address", "This is not a web address"])
      assert(refused.text.includes(fault), fault);
    for (const typed of ["Maria &lt;b&gt;", "maria at oak", "She called"]) assert(refused.text.includes(typed), typed);
    const mended = { ...form, email: "maria@oak.example", subject: "Locked out", external_url: "" };
    const opened = await oak.request("/tickets", { form: mended, cookies });
    assert.deepEqual([opened.status, opened.headers.location], [303, "/tickets/1"]);
    const page = await oak.request("/tickets/1", { cookies });
    assert(page.text.includes("She called") && page.text.includes("Nobody here has this address"));
  });

  test("save only what was changed on them: a form that lay open undoes nothing that happened meanwhile", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const { id, number } = await openedTicket(oak);
    await oak.api("PATCH", `/tickets/${id}`, { json: { status: "closed" }, cookies });
    const stale = { status: "open", status_before: "open", assignee: oak.owner.id, assignee_before: "" };
    assert.equal((await oak.request(`/tickets/${number}`, { form: stale, cookies })).status, 303);
    const saved = await readTicket(oak, id, cookies);
    assert.deepEqual([saved.status, saved.assignee], ["closed", oak.owner.id]);
    const chosen = { ...stale, status: "waiting_for_user", assignee: "", assignee_before: oak.owner.id };
    await oak.request(`/tickets/${number}`, { form: chosen, cookies });
    const changed = await readTicket(oak, id, cookies);
    assert.deepEqual([changed.status, changed.assignee], ["waiting_for_user", null]);
  });

  test("keep the link to an outside help desk that was set while the form lay open, and drop it where it is taken out", async () => {
    const oak = await rekey.createInstance();
    const cookies = await oak.asOwner();
    const { id, number } = await openedTicket(oak);
    const stale = { status: "open", status_before: "open", external_url: "", external_url_before: "" };
    const [first, other] = ["https://desk.example/1", "https://desk.example/2"];
    await oak.api("PATCH", `/tickets/${id}`, { json: { external_url: first }, cookies });
    const save = async (form: Record<string, string>): Promise<unknown> => {
      assert.equal((await oak.request(`/tickets/${number}`, { form: { ...stale, ...form }, cookies })).status, 303);
      return (await readTicket(oak, id, cookies)).external_url;
    };
    assert.equal(await save({}), first);
    const { text } = await oak.request(`/tickets/${number}`, { cookies });
    assert(text.includes(`name="external_url_before" value="${first}"`), "the form says what stood there");
    assert.equal(await save({ external_url: other, external_url_before: first }), other);
    assert.equal(await save({ external_url: first, external_url_before: first }), other);
    assert.equal(await save({ external_url: "", external_url_before: other }), null);
  });

  test("carry the ticket into every act of its requester, and lead back to it without script", async () => {
    const oak = await rekey.createInstance();
    const [cookies, maria] = [await oak.asOwner(), await oak.addUser()];
    const { id, number } = await openedTicket(oak, { name: "Maria", email: maria.email });
    const { text } = await oak.request(`/tickets/${number}`, { cookies });
    const carried = { ticket_id: id, return_to: `/tickets/${number}` };
    const query = new URLSearchParams({ return_to: carried.return_to, ticket_id: id })
      .toString()
      .replaceAll("&", "&amp;");
    for (const path of ["change-password", "require-new-password", "correct-and-send"]) {
      assert(text.includes(`/settings/users/${maria.id}/${path}?${query}`), path);
      const asked = await oak.request(`/settings/users/${maria.id}/${path}?${new URLSearchParams(carried)}`, {
        cookies,
      });
      assert(asked.text.includes(`name="ticket_id" value="${id}"`), path);
    }
    const on = (path: string, form: Record<string, string>) =>
      oak.request(`/settings/users/${maria.id}/${path}`, { form: { ...carried, ...form }, cookies });
    for (const [path, form] of [
      ["reset-links", {}],
      ["require-new-password", { reason: "Security update" }],
      ["correct-and-send", { email: `new-${maria.username}@oak.example` }],
    ] as const) {
      const done = await on(path, form);
      assert.deepEqual([done.status, done.headers.location], [303, `/tickets/${number}`], path);
    }
    const set = await on("change-password", { mode: "generated", verification_method: "in_person" });
    assert.equal(set.status, 200, set.text);
    await untilIdle(oak);
    assert.equal((await readTicket(oak, id, cookies)).recoveries.length, 3);
    for (const elsewhere of ["https://evil.example", "//evil.example", "/sign-out"]) {
      const led = await oak.request(`/settings/users/${maria.id}/reset-links`, {
        form: { return_to: elsewhere },
        cookies,
      });
      assert.equal(led.headers.location, `/settings/users/${maria.id}`, elsewhere);
    }
  });

  test("are where dashboard, profile, panel and palette lead to, and keep what is done there, until whoever asked is in", async () => {
    const oak = await rekey.createInstance();
    const [cookies, maria] = [await oak.asOwner(), await oak.addUser()];
    const inside = await oak.addUser({ role: "support" });
    const access = { json: { permission: "settings.edit" }, cookies: await oak.signIn(inside) };
    assert.equal((await oak.api("POST", "/access-requests", access)).status, 202);
    const { id, number } = await openedTicket(oak, { name: "Maria", email: maria.email });
    const address = `/settings/users/${maria.id}`;
    const read = async (target: string) => (await oak.request(target, { cookies })).text;
    const carried = `name="ticket_id" value="${id}"`;
    assert((await read("/")).includes(`href="/tickets/${number}"`), "the dashboard");
    for (const page of [address, `${address}/panel`]) {
      const text = await read(page);
      assert(text.includes("Asked for help in") && text.includes(carried), page);
    }
    assert((await read(`/palette?q=${maria.username}`)).includes(carried), "the palette");
    assert(!(await read(`/settings/users/${inside.id}`)).includes("ticket_id"), "who asked for access was in");
    await oak.signIn(maria);
    assert(!(await read(address)).includes("ticket_id"), "and so is Maria now");
  });

  test("offer nothing to do in a closed ticket, and nothing at all to who may not work on tickets", async () => {
    const oak = await rekey.createInstance();
    const [cookies, maria] = [await oak.asOwner(), await oak.addUser()];
    const { id, number } = await openedTicket(oak, { name: "Maria", email: maria.email });
    await oak.api("PATCH", `/tickets/${id}`, { json: { status: "closed" }, cookies });
    const { text } = await oak.request(`/tickets/${number}`, { cookies });
    assert(text.includes("This ticket is closed") && !text.includes("Change Password"));
    const member = await oak.signIn(maria);
    for (const path of ["/tickets", "/tickets/new", `/tickets/${number}`])
      assert.equal((await oak.request(path, { cookies: member })).status, 403, path);
    for (const path of ["/tickets/99", "/tickets/x", "/tickets/1e0", "/tickets/99999999999"])
      assert.equal((await oak.request(path, { cookies })).status, 404, path);
  });

  test("stand in the navigation of who may work on tickets; a member sees their own in their account", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    await openedTicket(oak, { name: "Maria", email: maria.email });
    const [member, support] = [await oak.signIn(maria), await oak.signIn(await oak.addUser({ role: "support" }))];
    const account = async (cookies: CookieJar): Promise<string> => (await oak.request("/account", { cookies })).text;
    const entry = 'class="navigation-item" href="/tickets"';
    assert((await account(support)).includes(entry));
    const own = await account(member);
    assert(!own.includes(entry) && own.includes("Your requests"), own);
  });

  test("Contact your administrator opens a ticket, keeps what was typed where it is wrong, and is linked from where people are stuck", async () => {
    const oak = await rekey.createInstance();
    const wrong = await oak.request("/contact", { form: { name: "Maria", email: "x", message: "Help" } });
    assert.equal(wrong.status, 422);
    assert(wrong.text.includes("This is not an address") && wrong.text.includes("Help"));
    const form = { name: "Maria", email: "maria@elsewhere.example", message: "Help" };
    assert.equal((await oak.request("/contact", { form })).headers.location, "/contact/sent");
    await untilIdle(oak);
    assert.equal((await rowsOf(oak, "tickets")).length, 1);
    for (const path of ["/sign-in", "/forgot-password", "/reset-password/cut-short"])
      assert((await oak.request(path)).text.includes('href="/contact"'), path);
  });
});
