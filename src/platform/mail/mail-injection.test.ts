import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { inParallel } from "../../../test/support/in-parallel.ts";
import { type SmtpSink, startSmtpSink } from "../../../test/support/smtp-sink.ts";
import type { MailMessage, MailTransport } from "./mail-transport.ts";
import { smtpTransport } from "./smtp-transport.ts";

const MARIA = "maria@oak.example";
const EVIL = "evil@evil.example";

/** What some program or other takes for the end of a line. */
const BREAKS = ["\r\n", "\n", "\r", "\n\r", "\u2028", "\u0085", "\v\f", "\0\r\n", "%0d%0a", "=?utf-8?q?=0D=0A?="];
/** What whoever breaks the line wants to say then: in a header, to a mail server, or in a list of addresses. */
const WORDS = [
  `Bcc: ${EVIL}`,
  `Cc: ${EVIL}`,
  `To: ${EVIL}`,
  `From: ${EVIL}`,
  `Reply-To: ${EVIL}`,
  `Sender: ${EVIL}`,
  `Return-Path: <${EVIL}>`,
  "Subject: Buy!",
  "Message-ID: <evil@evil.example>",
  "Content-Type: text/html",
  "Content-Transfer-Encoding: base64",
  "Auto-Submitted: no",
  "X-Evil: 1",
  " folded: 1",
  "\r\nThe body begins early",
  `.\r\nMAIL FROM:<${EVIL}>\r\nRCPT TO:<${EVIL}>\r\nDATA`,
  `>\r\nRCPT TO:<${EVIL}>`,
  "> SIZE=1 BODY=8BITMIME <",
  `, ${EVIL}`,
  `" <${EVIL}>, "`,
];
const PAYLOADS = BREAKS.flatMap((lineBreak) => WORDS.map((words) => `${lineBreak}${words}`));

const HARMLESS: MailMessage = {
  origin: "https://oak.example",
  messageId: "<1@oak.example>",
  from: { name: "Oak Recovery", address: "rekey@oak.example" },
  to: MARIA,
  replyTo: "desk@oak.example",
  returnPath: "b-1@bounces.oak.example",
  subject: "Set a new password",
  text: "Hello Maria",
  html: "<p>Hello Maria</p>",
  date: new Date(0),
};

/** Wherever a mail has a place for words or for an address. */
const PLACES: Readonly<Record<string, (payload: string) => Partial<MailMessage>>> = {
  "the name of the sender": (payload) => ({ from: { ...HARMLESS.from, name: `Oak${payload}` } }),
  "the address of the sender": (payload) => ({
    from: { ...HARMLESS.from, address: `${HARMLESS.from.address}${payload}` },
  }),
  "the recipient": (payload) => ({ to: `${MARIA}${payload}` }),
  "where answers go": (payload) => ({ replyTo: `desk@oak.example${payload}` }),
  "the return path": (payload) => ({ returnPath: `b-1@bounces.oak.example${payload}` }),
  "the subject": (payload) => ({ subject: `Set a new password${payload}` }),
  "the Message-ID": (payload) => ({ messageId: `<1${payload}@oak.example>` }),
  "the text": (payload) => ({ text: `Hello${payload}` }),
};

suite("M5: a mail", () => {
  let sink: SmtpSink;
  let transport: MailTransport;
  let headersOfHarmless: readonly string[] = [];

  before(async () => {
    sink = await startSmtpSink();
    transport = smtpTransport(sink.url);
    await transport.send(HARMLESS);
    headersOfHarmless = headersOf(sink.mails[0]?.raw);
    assert(headersOfHarmless.includes("auto-submitted"));
  });
  after(async () => {
    transport.close();
    await sink.close();
  });

  for (const [place, write] of Object.entries(PLACES)) {
    test(`has one recipient and its own headers, whatever of 200 payloads stands in ${place}`, async () => {
      assert.equal(PAYLOADS.length, 200);
      sink.clear();
      const outcomes = await inParallel(PAYLOADS, async (payload) => {
        const message = { ...HARMLESS, ...write(payload) };
        return (await transport.send(message)).outcome;
      });
      assert.equal(sink.mails.length, outcomes.filter((outcome) => outcome === "accepted").length, "one each");
      assert(sink.mails.length > 0);
      for (const { from, to, raw, message } of sink.mails) {
        assert.equal(to.length, 1);
        assert(![from, ...to].includes(EVIL));
        assert.deepEqual(headersOf(raw), headersOfHarmless);
        assert.equal(message.to?.length, 1);
        assert(![...(message.to ?? []), ...(message.replyTo ?? []), message.from].some((who) => who?.address === EVIL));
        assert.equal(message.html?.trim(), HARMLESS.html);
      }
    });
  }
});

/** @returns the names of the headers, as a strict reader sees them. */
function headersOf(raw: Buffer | undefined): readonly string[] {
  const head = String(raw).split(/\r\n\r\n|\n\n|\r\r/, 1)[0] ?? "";
  return head
    .split(/\r\n|[\r\n]/)
    .filter((line) => !/^[ \t]/.test(line))
    .map((line) => line.split(":", 1)[0]?.toLowerCase() ?? "")
    .toSorted();
}
