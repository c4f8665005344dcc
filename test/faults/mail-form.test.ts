import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { auditMails, mailAuditHead } from "#audit-seals/mail-audit-head.tsx";
import { recoveryMails } from "#recovery/mails.tsx";
import { sendTestMail, settingsMails } from "#settings/send-test-mail.tsx";
import { signInMails } from "#sign-in/mails.tsx";
import { instanceMails } from "#instance-requests/mails.tsx";
import { ticketMails } from "#tickets/mails.tsx";
import { userMails } from "#user-management/mails.tsx";
import { untilSealed } from "../support/audit-seals.ts";
import { openedReply } from "../support/opened-reply.ts";
import { isResetLink, type TestInstance, testRekey } from "../support/rekey.ts";
import { redeem } from "../support/reset-link.ts";
import type { SinkMail } from "../support/smtp-sink.ts";
import { judgeMails } from "../support/spam-assassin.ts";
import { rowsOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();

const MOST_POINTS = 1;
/** What every spam filter must take for spam (https://spamassassin.apache.org/gtube/). */
const GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
suite("M1: every mail that the product writes", () => {
  let oak: TestInstance;
  let mails: readonly { readonly kind: string; readonly mail: SinkMail }[] = [];

  before(async () => {
    oak = await rekey.createInstance("Oak Recovery", "https://crm.oak.example");
    await writeEveryMail(oak);
    await untilIdle(oak);
    mails = (await rowsOf(oak, "emails")).map(({ kind, message_id: id }) => {
      const mail = rekey.sink.mails.find(({ message }) => message.messageId === id);
      assert(mail, String(kind));
      return { kind: isInvitation(mail) ? "invitation" : String(kind), mail };
    });
  });

  test("is looked at here", () => {
    const { keyring } = rekey.deps;
    const kinds = Object.keys({
      ...recoveryMails(keyring),
      ...signInMails(keyring),
      ...instanceMails,
      ...ticketMails(keyring),
      ...userMails(keyring),
      ...settingsMails,
      ...auditMails,
    });
    assert.deepEqual([...new Set(mails.map(({ kind }) => kind))].toSorted(), [...kinds, "invitation"].toSorted());
  });

  test("is plain text and HTML that say the same addresses, whole", () => {
    for (const { kind, mail } of mails) {
      assert.match(String(mail.raw), /^Content-Type: multipart\/alternative/m, kind);
      const { text = "", html = "" } = mail.message;
      const inHtml = new Set([...html.matchAll(/href="([^"]*)"/g)].map(([, href = ""]) => href));
      const inText = new Set(text.match(/https?:\/\/\S+/g));
      assert(inText.size > 0, kind);
      assert.deepEqual([...inHtml].toSorted(), [...inText].toSorted(), kind);
      for (const href of inHtml) assert(html.replaceAll(/<[^>]*>/g, " ").includes(href) || !isSecret(href), kind);
    }
  });

  test("loads nothing from anywhere and follows nobody: each address leads to the instance as it is written", () => {
    for (const { kind, mail } of mails) {
      const { html = "" } = mail.message;
      assert.doesNotMatch(html, /<(?:img|link|script|iframe|object|embed|video|audio|form|base)\b/i, kind);
      assert.doesNotMatch(html, /\b(?:src|srcset|background|action|ping)\s*=|url\(|@import/i, kind);
      for (const [, href = ""] of html.matchAll(/href="([^"]*)"/g)) {
        assert.equal(new URL(href).origin, oak.instance.origin, kind);
        assert.equal(new URL(href).search, "", kind);
      }
      assert.deepEqual(mail.message.attachments, [], kind);
    }
  });

  test("says that a program sent it, so that no vacation notice answers", () => {
    for (const { kind, mail } of mails) {
      const head = String(mail.raw).split("\r\n\r\n", 1)[0] ?? "";
      assert.match(head, /^Auto-Submitted: auto-generated\r?$/m, kind);
      assert.doesNotMatch(head, /^(?:Disposition-Notification-To|Return-Receipt-To|X-Mailer):/im, kind);
    }
  });

  test("is no spam to SpamAssassin", async () => {
    const spam = Buffer.from(`Subject: spam\r\n\r\n${GTUBE}\r\n`);
    const [onSpam, ...verdicts] = await judgeMails([spam, ...mails.map(({ mail }) => asReceived(mail))]);
    assert((onSpam?.score ?? 0) > 5, "it does look at them");
    for (const [index, { score, rules }] of verdicts.entries()) {
      assert(score <= MOST_POINTS, `${mails[index]?.kind}: ${score} points, ${rules}`);
    }
    console.log(`    at most ${Math.max(...verdicts.map(({ score }) => score))} points`);
  });
});

/** Everything happens to Maria of which a mail tells. */
async function writeEveryMail(oak: TestInstance): Promise<void> {
  const admin = await oak.asOwner();
  const json = { email: "tom@oak.example", first_name: "Tom", last_name: "Becker", role: "member" };
  assert.equal((await oak.api("POST", "/users", { json, cookies: admin })).status, 201);
  const maria = await oak.addUser({ firstName: "Maria", lastName: "Gonzalez" });
  assert.equal((await redeem(oak, await oak.mailedToken(maria, admin))).status, 204);
  const forgotten = { json: { identifier: maria.email } };
  assert.equal((await oak.api("POST", "/recovery-requests", forgotten)).status, 202);
  await untilIdle(oak); // The next step would end the link before it is mailed.
  const given = { mode: "generated", verification: { method: "in_person" } };
  await oak.api("POST", `/users/${maria.id}/temporary-password`, { json: given, cookies: admin });
  for (const browser of ["Firefox/145.0", "Chrome/142.0"]) {
    const own = { identifier: oak.owner.email, password: oak.owner.password };
    await oak.api("POST", "/session", { json: own, headers: { "user-agent": browser } });
  }
  await oak.api("PATCH", `/users/${maria.id}`, { json: { email: `new-${maria.email}` }, cookies: admin });
  const told = await oak.mailTo(maria.email, ({ message }) => /address/.test(message.subject ?? ""));
  const notMe = /https:\S+not-me\S+/.exec(told.message.text ?? "")?.[0] ?? "";
  assert.equal((await oak.request(new URL(notMe).pathname, { form: {} })).status, 200);
  const ann = await oak.addUser({ role: "admin" });
  const cookies = await oak.signIn(ann);
  const ben = await oak.addUser({ role: "admin" });
  const asked = await oak.api("POST", `/users/${ben.id}/require-new-password`, { json: {}, cookies });
  assert.equal(asked.status, 409, asked.text);
  const support = await oak.signIn(await oak.addUser({ role: "support" }));
  const wanted = { permission: "audit.read" };
  assert.equal((await oak.api("POST", "/access-requests", { json: wanted, cookies: support })).status, 202);
  assert.equal((await oak.api("POST", "/instance-requests", { json: { email: ann.email } })).status, 202);
  await openedReply(oak);
  await untilIdle(oak);
  await sendTestMail(oak.deps, oak.scope, { user: oak.owner });
  await untilSealed(rekey, oak);
  await oak.deps.db.inInstance(oak.instance.id, (tx) => mailAuditHead(oak.deps, oak.scope, tx, {}));
}

function isInvitation(mail: SinkMail): boolean {
  return isResetLink(mail) && mail.message.subject?.startsWith("Your account at") === true;
}

/** @returns whether the address is worth copying by hand. */
function isSecret(href: string): boolean {
  return /\/(?:reset-password|not-me|ticket-answers)\//.test(href);
}

/**
 * @returns the mail as it arrives by way of the company's own server: a filter looks at where a mail comes from only if that
 *   stands on top. Addresses that are kept for documentation would count against it.
 */
function asReceived({ raw, message }: SinkMail): Buffer {
  const at = new Date(message.date ?? "").toUTCString().replace("GMT", "+0000");
  const hops = [
    `from mail.oak.example (mail.oak.example [93.184.216.34])\r\n\tby mx.example.net with ESMTPS id 4C2; ${at}`,
    `from crm.oak.example (localhost [127.0.0.1])\r\n\tby mail.oak.example with ESMTP id 4C1; ${at}`,
  ];
  return Buffer.concat([Buffer.from(hops.map((hop) => `Received: ${hop}\r\n`).join("")), raw]);
}
