import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { DAY_MS } from "#lib/clock.ts";
import { type Answer, CookieJar } from "../../test/support/http.ts";
import { openedReply } from "../../test/support/opened-reply.ts";
import { type TestInstance, testRekey } from "../../test/support/rekey.ts";
import { dumpOf, rowsOf, untilIdle } from "../../test/support/tables.ts";
import { openedTicket, readTicket } from "../../test/support/ticket.ts";

const rekey = await testRekey();

suite("The link in a reply", () => {
  test("asks, with the token out of the address, and changes nothing however often it is opened", async () => {
    const oak = await rekey.createInstance();
    const { link, cookies, mailId } = await openedReply(oak);
    await untilIdle(oak);
    const before = await dumpOf(oak);
    for (const [method, tail] of [
      ["GET", ""],
      ["HEAD", ""],
      ["GET", "."],
      ["GET", "/"],
    ] as const) {
      const opened = await oak.request(`${link}${tail}`, { method, cookies });
      assert.equal(opened.status, 303);
      assert.equal(opened.headers.location, `/ticket-answers?mail=${mailId}`);
      assert.equal(opened.headers["referrer-policy"], "no-referrer");
      const page = await oak.request(opened.headers.location ?? "", { method, cookies });
      assert.equal(page.status, 200);
      if (method === "GET")
        for (const words of ["I am in", "I still cannot sign in"]) assert(page.text.includes(words));
    }
    assert.equal(await dumpOf(oak), before);
    const stranger = await oak.request(`/ticket-answers?mail=${mailId}`);
    assert.equal(stranger.status, 404, "the cookie holds the token, the address does not");
  });

  test("“I am in” resolves the ticket and confirms the recovery; the first sign-in then closes it", async () => {
    const oak = await rekey.createInstance();
    const reply = await openedReply(oak);
    const answered = await say(oak, reply, "in");
    assert.equal(answered.status, 200);
    assert.match(answered.text, /Good that you are in/);
    const owner = await oak.asOwner();
    const resolved = await readTicket(oak, reply.ticketId, owner);
    assert.equal(resolved.status, "resolved");
    assert.equal(resolved.messages.at(-1)?.kind, "confirmed");
    const events = await rowsOf(oak, "recovery_events");
    assert.equal(events.filter(({ event }) => event === "confirmed").length, 1);
    await oak.signIn(reply.maria);
    await untilIdle(oak);
    assert.equal((await readTicket(oak, reply.ticketId, owner)).status, "closed");
  });

  test("“I still cannot sign in” opens even a closed ticket again, with what the person adds", async () => {
    const oak = await rekey.createInstance();
    const reply = await openedReply(oak);
    const owner = await oak.asOwner();
    await oak.api("PATCH", `/tickets/${reply.ticketId}`, { json: { status: "closed" }, cookies: owner });
    assert.equal((await say(oak, reply, "out", "It says\nwrong password")).status, 200);
    const reopened = await readTicket(oak, reply.ticketId, owner);
    assert.equal(reopened.status, "open");
    assert.deepEqual(
      reopened.messages.slice(-2).map(({ text, author }) => [text, author.type]),
      [
        ["I still cannot sign in.", "requester"],
        ["It says\nwrong password", "requester"],
      ],
    );
    const event = (await rowsOf(oak, "audit_events")).find(({ action }) => action === "ticket.answer");
    assert.deepEqual(
      [event?.result, event?.actor_type, event?.target_id, event?.ticket_id],
      ["ok", "stranger", reply.ticketId, reply.ticketId],
    );
  });

  test("counts once, under fifty answers at once, and says so to the others", async () => {
    const oak = await rekey.createInstance();
    const reply = await openedReply(oak);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => say(oak, reply, index % 2 === 0 ? "in" : "out")),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status, text }) => status === 409 && /was received/.test(text)).length, 49);
    const said = (await rowsOf(oak, "ticket_messages")).filter(({ author_type: type }) => type === "requester");
    assert.equal(said.length, 2, "the question, and one answer");
    assert.equal((await oak.request(reply.link)).status, 409);
  });

  test("of who writes from elsewhere moves the ticket, and says nothing of the account", async () => {
    const oak = await rekey.createInstance();
    const reply = await openedReply(oak, { email: "somebody@elsewhere.example" });
    assert.equal((await say(oak, reply, "in")).status, 200);
    const events = await rowsOf(oak, "recovery_events");
    assert.deepEqual(
      events.filter(({ event }) => event === "confirmed"),
      [],
    );
  });

  test("is forged by nobody, is none of another purpose or instance, and ends after thirty days", async () => {
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const { link, token } = await openedReply(oak);
    const flipped = token.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    for (const forged of [flipped, token.slice(0, -2), `${token}A`, "x"]) {
      assert.equal((await oak.request(`/ticket-answers/${forged}`)).status, 404, forged);
      assert.equal((await oak.request(`/reset-password/${forged}`)).status, 404, forged);
    }
    assert.equal((await pine.request(link)).status, 404);
    assert.equal((await oak.request(`/not-me/${token}`, { form: {} })).status, 404);
    rekey.clock.advance(30 * DAY_MS);
    assert.equal((await oak.request(link)).status, 410);
  });

  test("leads to the configured origin, whatever the request that had it written said", async () => {
    const oak = await rekey.createInstance();
    const owner = await oak.asOwner();
    const { id } = await openedTicket(oak, { name: "Maria", email: "maria@elsewhere.example" });
    const headers = { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
    await oak.api("POST", `/tickets/${id}/messages`, { json: { text: "Call me" }, cookies: owner, headers });
    const { message } = await oak.mailTo("maria@elsewhere.example", (mail) => /Call me/.test(mail.message.text ?? ""));
    assert((message.text ?? "").includes(`${oak.instance.origin}/ticket-answers/`));
    assert(!(message.text ?? "").includes("evil"));
  });
});

function say(
  oak: TestInstance,
  reply: { mailId: string; token: string },
  answer: "in" | "out",
  text = "",
): Promise<Answer> {
  const cookies = new CookieJar();
  cookies.set(`rekey_link_${reply.mailId.replaceAll("-", "")}`, reply.token);
  return oak.request("/ticket-answers", { form: { mail: reply.mailId, answer, text }, cookies });
}
