import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, suite, test } from "node:test";

import { dkimVerify, type DKIMVerifyResult } from "mailauth";

import { type SmtpSink, startSmtpSink } from "../../../test/support/smtp-sink.ts";
import { dkimRecordName, publishedKey } from "./dkim-key.ts";
import type { MailMessage } from "./mail-transport.ts";
import { smtpTransport } from "./smtp-transport.ts";

const KEY = {
  domain: "oak.example",
  selector: "rekey",
  privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};

const MAIL: MailMessage = {
  origin: "https://oak.example",
  messageId: "<1@oak.example>",
  from: { name: "Oak Recovery – Zürich", address: "help@oak.example" },
  to: "maria@oak.example",
  replyTo: "desk@oak.example",
  subject: "Set a new password – você",
  text: `Hello María,\n\nhttps://oak.example/reset-password/${"a".repeat(120)}\n`,
  html: `<p>Hello María,</p><p>${"very long ".repeat(40)}</p>`,
  date: new Date("2026-11-21T14:20:00Z"),
};

suite("a signed mail", () => {
  let sink: SmtpSink;
  let raw: Buffer;

  before(async () => {
    sink = await startSmtpSink();
    raw = await received({ dkim: KEY });
  });
  after(() => sink.close());

  test("is verified by who receives it, with the key that its record publishes", async () => {
    const verified = await verify(raw);
    assert.equal(verified?.status.result, "pass", JSON.stringify(verified?.status));
    assert.equal(verified.signingDomain, "oak.example");
    assert.equal(verified.selector, "rekey");
    assert.equal(verified.algo, "rsa-sha256");
  });

  test("has in its signature what a person or a program goes by", async () => {
    const signed = (await verify(raw))?.signingHeaders?.keys.toLowerCase().split(": ") ?? [];
    for (const header of ["from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted"])
      assert(signed.includes(header), `${header} is among ${signed.join(", ")}`);
  });

  for (const [what, find, replace] of [
    ["a word of the text", "Hello", "Hallo"],
    ["the link", "/reset-password/aaaa", "/reset-password/aaab"],
    ["the subject", "Subject: ", "Subject: Re: "],
    ["the address that answers go to", "desk@oak.example", "evil@oak.example"],
    ["the mark of an automatic mail", "Auto-Submitted: auto-generated", "Auto-Submitted: no"],
  ] as const) {
    test(`is verified no longer when ${what} was changed on the way`, async () => {
      const changed = Buffer.from(raw.toString("latin1").replace(find, replace), "latin1");
      assert.notDeepEqual(changed, raw, "the fault is planted");
      assert.notEqual((await verify(changed))?.status.result, "pass");
    });
  }

  test("is none where no key is configured", async () => {
    assert(!/^DKIM-Signature:/im.test((await received({})).toString("latin1")));
  });

  async function received(options: { dkim?: typeof KEY }): Promise<Buffer> {
    sink.clear();
    const transport = smtpTransport(sink.url, options);
    const { outcome, answer } = await transport.send(MAIL);
    transport.close();
    assert.equal(outcome, "accepted", answer);
    return (await sink.waitFor(() => true)).raw;
  }
});

async function verify(raw: Buffer): Promise<DKIMVerifyResult["results"][number] | undefined> {
  const { results } = await dkimVerify(raw, {
    resolver: async (name: string) => {
      assert.equal(name, dkimRecordName(KEY));
      return [[`v=DKIM1; k=rsa; p=${publishedKey(KEY)}`]];
    },
  });
  assert(results.length <= 1);
  return results[0];
}
