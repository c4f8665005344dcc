import assert from "node:assert/strict";
import { suite, test } from "node:test";

import nodemailer from "nodemailer";

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { DELIVERY_REPORTS } from "../../test/support/delivery-reports.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { openedReply } from "../../test/support/opened-reply.ts";
import { isResetLink, type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { NEW_PASSWORD, redeem } from "../../test/support/reset-link.ts";
import { jobsOf, rowsOf, untilIdle } from "../../test/support/tables.ts";
import { openedTicket, readTicket, type ShownTicket } from "../../test/support/ticket.ts";

const rekey = await testRekey();

/** Maria cannot sign in, and her ticket is open. */
interface Cast {
  readonly oak: TestInstance;
  readonly owner: CookieJar;
  readonly maria: TestUser;
  readonly ticketId: string;
}

suite("S17: the ticket follows what becomes of a recovery", () => {
  test("from the link to the sign-in: the reply is written and mailed, the ticket waits, and the first sign-in closes it", async () => {
    const cast = await makeCast();
    const { oak, maria } = cast;
    await sendLink(cast);
    const waiting = await read(cast);
    assert.equal(waiting.status, "waiting_for_user");
    const reply = waiting.messages.at(-1);
    assert.equal(reply?.kind, "link_sent");
    const [link] = oak.linksTo(maria);
    assert(link);
    const masked = maria.email.replace(/^(.).*(.)@/, "$1••••$2@");
    for (const part of [masked, "Spam or Junk", `“${link.message.subject}”`]) assert(reply?.text.includes(part), part);
    assert(!reply?.text.includes(maria.email));
    assert.match(reply?.text ?? "", /works until \d+ \w+ \d{4}.*UTC/);

    const mail = await replyTo(oak, maria.email);
    const { text = "", html = "" } = mail.message;
    for (const part of [
      masked,
      "works until",
      "Spam or Junk",
      String(link.message.subject),
      `Hello ${maria.firstName}`,
    ])
      assert(text.includes(part), part);
    for (const part of [answerLinkIn(text), masked]) assert((html || "").includes(part), part);
    assert.equal(isResetLink(mail), false, "the reply is no way in");

    assert.equal((await redeem(oak, tokenIn(link))).status, 204);
    await untilIdle(oak);
    assert.equal((await read(cast)).status, "waiting_for_user", "not before the sign-in");
    await oak.signIn(maria, NEW_PASSWORD);
    await untilIdle(oak);
    const closed = await read(cast);
    assert.equal(closed.status, "closed");
    assert.deepEqual(kindsOf(closed), ["said", "link_sent", "password_set", "signed_in"]);
    assert.match(closed.messages.at(-1)?.text ?? "", /^Signed in at \d+ \w+ \d{4}/);
    await oak.signIn(maria, NEW_PASSWORD);
    await untilIdle(oak);
    assert.equal((await read(cast)).messages.length, closed.messages.length, "once");
    rekey.clock.advance(2 * DAY_MS);
    await untilLookedAt(oak);
    assert.equal((await read(cast)).status, "closed", "a closed ticket stays closed");
  });

  test("a link that is copied, for whom no mail reaches, waits and closes it as one that was mailed", async () => {
    const cast = await makeCast();
    const { oak, owner, maria, ticketId } = cast;
    await oak.api("PATCH", "/settings", { json: { allows_copied_links: true }, cookies: owner });
    const form = { ticket_id: ticketId };
    const shown = await oak.request(`/settings/users/${maria.id}/copy-reset-link`, { form, cookies: owner });
    const [, token = ""] = /\/reset-password\/([\w-]+)/.exec(shown.text) ?? [];
    await untilIdle(oak);
    const waiting = await read(cast);
    assert.deepEqual([waiting.status, waiting.messages.at(-1)?.kind], ["waiting_for_user", "link_copied"]);
    assert.match(waiting.messages.at(-1)?.text ?? "", /copied the reset link, to hand over\. It works until/);
    assert.equal((await redeem(oak, token)).status, 204);
    await oak.signIn(maria, NEW_PASSWORD);
    await untilIdle(oak);
    assert.equal((await read(cast)).status, "closed");
  });

  test("a mail that is refused, or comes back, opens it again with the reason", async () => {
    const cast = await makeCast();
    const { oak, maria } = cast;
    rekey.sink.answer(({ verb, to }) =>
      verb === "RCPT" && to.at(-1) === maria.email ? "552 5.2.2 Mailbox full" : undefined,
    );
    try {
      await sendLink(cast);
    } finally {
      rekey.sink.answer(() => undefined);
    }
    const refused = await read(cast);
    assert.deepEqual([refused.status, kindsOf(refused)], ["open", ["said", "mail_refused"]]);
    assert.match(refused.messages.at(-1)?.text ?? "", /refused: .*full/i);

    await sendLink(cast);
    assert.equal((await read(cast)).status, "waiting_for_user");
    const [link] = oak.linksTo(maria);
    assert(link);
    await reportBounce(link.from, maria.email);
    await untilIdle(oak);
    const bounced = await read(cast);
    assert.deepEqual([bounced.status, kindsOf(bounced).at(-1)], ["open", "mail_bounced"]);
    assert.match(bounced.messages.at(-1)?.text ?? "", /came back: There is no such mailbox/);
  });

  test("a reply that is refused, or comes back, opens it again with the reason, unless its link says so anyway", async () => {
    const cast = await makeCast();
    const { oak, maria } = cast;
    const elsewhere = "maria@away.example";
    const { id: ticketId } = await openedTicket(oak, { name: "Maria", email: elsewhere });
    const about = { ...cast, ticketId };
    rekey.sink.answer(({ verb, to }) =>
      verb === "RCPT" && to.at(-1) === elsewhere ? "550 5.7.1 We do not know you" : undefined,
    );
    try {
      await sendLink(about);
    } finally {
      rekey.sink.answer(() => undefined);
    }
    const refused = await read(about);
    assert.deepEqual([refused.status, kindsOf(refused)], ["open", ["said", "link_sent", "reply_lost"]]);
    assert.match(refused.messages.at(-1)?.text ?? "", /reply to maria@away\.example was not delivered: /);

    rekey.clock.advance(MINUTE_MS);
    await sendLink(about);
    assert.equal((await read(about)).status, "waiting_for_user");
    const reply = await replyTo(oak, elsewhere);
    for (const time of [1, 2]) {
      await reportBounce(reply.from, elsewhere);
      await untilIdle(oak);
      const kinds = kindsOf(await read(about));
      assert.equal(kinds.filter((kind) => kind === "reply_lost").length, 2, `report ${time}`);
    }
    assert.equal((await read(about)).status, "open");

    await sendLink(cast);
    await reportBounce((await replyTo(oak, maria.email)).from, maria.email);
    await untilIdle(oak);
    assert(!kindsOf(await read(cast)).includes("reply_lost"), "the link went to the same address");
  });

  test("a link that ends unused, and nobody signed in, opens it again; who renews it meanwhile is given until then", async () => {
    const cast = await makeCast();
    await sendLink(cast);
    rekey.clock.advance(40 * MINUTE_MS);
    await sendLink(cast);
    rekey.clock.advance(30 * MINUTE_MS);
    await untilLookedAt(cast.oak);
    assert.equal((await read(cast)).status, "waiting_for_user", "the first hour is over, but not the second");
    rekey.clock.advance(31 * MINUTE_MS);
    await untilLookedAt(cast.oak);
    const reopened = await read(cast);
    assert.deepEqual([reopened.status, kindsOf(reopened)], ["open", ["said", "link_sent", "link_sent", "expired"]]);
    assert.match(reopened.messages.at(-1)?.text ?? "", /without being used, and nobody has signed in/);
  });

  test("a link that ends unused leaves a ticket closed whose person signed in with the old password", async () => {
    const cast = await makeCast();
    await sendLink(cast);
    await cast.oak.signIn(cast.maria);
    rekey.clock.advance(2 * HOUR_MS);
    await untilLookedAt(cast.oak);
    const closed = await read(cast);
    assert.deepEqual([closed.status, kindsOf(closed)], ["closed", ["said", "link_sent", "signed_in"]]);
  });

  test("a refused sign-in after the reset opens it again, once; a stranger's before the reset does not", async () => {
    const cast = await makeCast();
    const { oak, maria } = cast;
    await sendLink(cast);
    const fail = () => oak.api("POST", "/session", { json: { identifier: maria.username, password: "wrong" } });
    await fail();
    assert.equal((await read(cast)).status, "waiting_for_user");
    assert.equal((await redeem(oak, await tokenOf(cast))).status, 204);
    await untilIdle(oak);
    await fail();
    await fail();
    const reopened = await read(cast);
    assert.deepEqual(
      [reopened.status, kindsOf(reopened)],
      ["open", ["said", "link_sent", "password_set", "sign_in_refused"]],
    );
    await oak.signIn(maria, NEW_PASSWORD);
    await untilIdle(oak);
    assert.equal((await read(cast)).status, "closed", "and the sign-in closes it all the same");
  });

  test("a new password with which nobody signs in for a day opens it again", async () => {
    const cast = await makeCast();
    await sendLink(cast);
    assert.equal((await redeem(cast.oak, await tokenOf(cast))).status, 204);
    await untilIdle(cast.oak);
    rekey.clock.advance(DAY_MS - MINUTE_MS);
    await untilLookedAt(cast.oak);
    assert.equal((await read(cast)).status, "waiting_for_user");
    rekey.clock.advance(2 * MINUTE_MS);
    await untilLookedAt(cast.oak);
    const reopened = await read(cast);
    assert.deepEqual([reopened.status, kindsOf(reopened).at(-1)], ["open", "not_signed_in"]);
  });

  test("a revoked link opens it again, unless a later step in the same ticket replaced it", async () => {
    const cast = await makeCast();
    const { oak, owner } = cast;
    const id = await sendLink(cast);
    const json = { mode: "generated", verification: { method: "in_person" }, ticket_id: cast.ticketId };
    const set = await oak.api("POST", `/users/${cast.maria.id}/temporary-password`, { json, cookies: owner });
    assert.equal(set.status, 201, set.text);
    await untilIdle(oak);
    const replaced = await read(cast);
    assert.deepEqual(
      [replaced.status, kindsOf(replaced)],
      ["waiting_for_user", ["said", "link_sent", "temporary_password_set"]],
    );
    const { recovery } = set.json() as { recovery: { id: string } };
    assert.notEqual(recovery.id, id);
    assert.equal((await oak.api("DELETE", `/recoveries/${recovery.id}`, { cookies: owner })).status, 204);
    await untilIdle(oak);
    const reopened = await read(cast);
    assert.deepEqual([reopened.status, kindsOf(reopened).at(-1)], ["open", "revoked"]);
  });

  test("a link that was under way before joins the ticket of the next click, and a fresh one for an expired one stays in it", async () => {
    const cast = await makeCast();
    const { oak, maria, owner } = cast;
    await oak.mailedToken(maria, owner);
    await sendLink(cast);
    assert.equal(oak.linksTo(maria).length, 1, "the mail is on its way already");
    assert.deepEqual(kindsOf(await read(cast)), ["said", "link_sent"], "and the ticket says so");
    rekey.clock.advance(2 * HOUR_MS);
    await untilLookedAt(oak);
    assert.equal((await read(cast)).status, "open");
    const token = await tokenOf(cast);
    assert.equal((await oak.api("POST", "/recovery-redemptions/renew", { json: { token } })).status, 202);
    await untilIdle(oak);
    const again = await read(cast);
    assert.deepEqual([again.status, again.recoveries.length], ["waiting_for_user", 2]);
  });

  test("tells a requester who writes from elsewhere nothing about the account but that a link went to the address on file", async () => {
    const cast = await makeCast();
    const { oak, owner, maria } = cast;
    const elsewhere = "somebody-else@elsewhere.example";
    const { id: ticketId } = await openedTicket(oak, { name: "Somebody", email: elsewhere });
    const json = { ticket_id: ticketId };
    await oak.api("POST", `/users/${maria.id}/reset-links`, { json, cookies: owner });
    await untilIdle(oak);
    const { message } = await replyTo(oak, elsewhere);
    const said = `${message.subject}\n${message.text}\n${message.html}`;
    assert.match(said, /a link mailed to the address on file \(.••••.@/);
    for (const secret of [maria.email, maria.username, maria.firstName, maria.lastName, "works until", "Spam"])
      assert(!said.includes(secret), secret);
  });

  test("speaks the language of the requester, and sends nothing where mails come back", async () => {
    const cast = await makeCast({ locale: "es-MX" });
    const { oak, owner, maria } = cast;
    await sendLink(cast);
    const { message } = await replyTo(oak, maria.email);
    assert.match(String(message.subject), /Su solicitud 1 /);
    assert.match(message.text ?? "", /Vale hasta el .* y una sola vez/);
    assert.match(String(message.html), /lang="es"/);

    const said = { text: "Look into your mailbox.\n\nThen call me." };
    const path = `/tickets/${cast.ticketId}/messages`;
    assert.equal((await oak.api("POST", path, { json: said, cookies: owner })).status, 201);
    const own = await rekey.sink.waitFor((mail) => mail.to.includes(maria.email) && /Then call me/.test(textOf(mail)));
    assert.match(textOf(own), /escribe:/);
    await untilIdle(oak);
    const [link] = oak.linksTo(maria);
    await reportBounce(link?.from ?? "", maria.email);
    const mails = (await rowsOf(oak, "emails")).length;
    assert.equal((await oak.api("POST", path, { json: said, cookies: owner })).status, 201);
    assert.equal((await rowsOf(oak, "emails")).length, mails, "nothing is sent where mails come back");
  });

  test("loses no event of many at once, and each is told once", async () => {
    for (let round = 0; round < 5; round += 1) {
      const oak = await rekey.createInstance();
      const { maria, ticketId, mailId, cookies } = await openedReply(oak);
      const cast = { oak, maria, ticketId, owner: await oak.asOwner() };
      const token = await tokenOf(cast);
      const events = [
        () => redeem(oak, token),
        () => oak.request("/ticket-answers", { form: { mail: mailId, answer: "in" }, cookies }),
        () => oak.signIn(maria),
        () => oak.api("PATCH", `/tickets/${ticketId}`, { json: { subject: "x" }, cookies: cast.owner }),
      ];
      await Promise.allSettled(events.map((event) => event()));
      await untilIdle(oak);
      const kinds = kindsOf(await read(cast));
      for (const kind of ["link_sent", "confirmed"])
        assert.equal(kinds.filter((each) => each === kind).length, 1, `${kind} in ${kinds.join()}`);
      assert(kinds.filter((each) => each === "signed_in").length <= 1, kinds.join());
      if (kinds.includes("signed_in")) assert.equal((await read(cast)).status, "closed");
    }
  });
});

async function makeCast(person: { locale?: string } = {}): Promise<Cast> {
  const oak = await rekey.createInstance();
  const [owner, maria] = [await oak.asOwner(), await oak.addUser({ firstName: "Maria", ...person })];
  const { id } = await openedTicket(oak, { name: "Maria", email: maria.email });
  await untilIdle(oak);
  return { oak, owner, maria, ticketId: id };
}

/** Send Reset Link in the ticket, and whatever follows from it at once. @returns the id of the recovery. */
async function sendLink({ oak, maria, ticketId }: Cast): Promise<string> {
  const json = { ticket_id: ticketId };
  const cookies = await oak.asOwner();
  const sent = await oak.api("POST", `/users/${maria.id}/reset-links`, { json, cookies });
  assert.equal(sent.status, 202, sent.text);
  await untilIdle(oak);
  return (sent.json() as { id: string }).id;
}

async function tokenOf({ oak, maria }: Cast): Promise<string> {
  const link = oak.linksTo(maria).at(-1);
  assert(link);
  return tokenIn(link);
}

/** In a session of its own, since time passes in these tests. */
async function read({ oak, ticketId }: Cast): Promise<ShownTicket> {
  return readTicket(oak, ticketId, await oak.asOwner());
}

function kindsOf({ messages }: ShownTicket): readonly string[] {
  return messages.map(({ kind }) => kind);
}

function replyTo(oak: TestInstance, address: string) {
  return oak.mailTo(address, (mail) => textOf(mail).includes("/ticket-answers/"));
}

function textOf(mail: { message: { text?: string | undefined } }): string {
  return mail.message.text ?? "";
}

function answerLinkIn(text: string): string {
  return /http\S+\/ticket-answers\/[\w-]+/.exec(text)?.[0] ?? "";
}

/** What should have happened by now was looked for, and what that led to is done. */
async function untilLookedAt(oak: TestInstance): Promise<void> {
  const deadline = Date.now() + 10_000;
  const isDue = async (): Promise<boolean> => {
    const now = rekey.clock.now();
    const jobs = [...(await rowsOf(oak, "jobs")).filter(({ kind }) => kind === "ticket_wait"), ...(await jobsOf(oak))];
    // One that is under way falls due again only after its lease.
    return jobs.some((job) => Number(job.attempts) > 0 || new Date(String(job.next_attempt_at)) <= now);
  };
  while (await isDue()) {
    assert(Date.now() < deadline, "the worker looks");
    oak.deps.wakeWorker();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  rekey.clock.advance(SECOND_MS);
  await untilIdle(oak);
}

async function reportBounce(returnPath: string, to: string): Promise<void> {
  const server = nodemailer.createTransport({ host: "127.0.0.1", port: rekey.server.bouncePort ?? 0, ignoreTLS: true });
  const raw = DELIVERY_REPORTS[0]?.write({ returnPath, to, messageId: "<x@oak.example>" }) ?? "";
  await server.sendMail({ envelope: { from: "", to: [returnPath] }, raw: raw.replaceAll("\n", "\r\n") });
  server.close();
}
