import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { domainToASCII } from "node:url";

import type { Answer, CookieJar, RequestOptions } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { rowsOf, untilIdle } from "../../test/support/tables.ts";
import type { SinkMail } from "../../test/support/smtp-sink.ts";

const rekey = await testRekey();

const MARIA = "maria@oak.example";
const EVIL = "evil@evil.example";

/** What may stand where one address should. */
const ADDRESSES: readonly string[] = [
  `${MARIA},${EVIL}`,
  `${EVIL},${MARIA}`,
  `${MARIA};${EVIL}`,
  `${MARIA} ${EVIL}`,
  `${MARIA}\t${EVIL}`,
  `${MARIA}|${EVIL}`,
  `${MARIA}\n${EVIL}`,
  `${MARIA}\r\nBcc: ${EVIL}`,
  `${MARIA}\r\n\r\n${EVIL}`,
  `${EVIL}\r\nTo: ${MARIA}`,
  `${MARIA}%0d%0aBcc:${EVIL}`,
  `${MARIA}\u0000${EVIL}`,
  `${MARIA}\u0000`,
  `\u0000`,
  `${MARIA}%00${EVIL}`,
  `${MARIA}\u2028Bcc: ${EVIL}`,
  `${MARIA}\u0085${EVIL}`,
  `<${MARIA}>,<${EVIL}>`,
  `"${MARIA}" <${EVIL}>`,
  `${MARIA} <${EVIL}>`,
  `<${EVIL}>`,
  `${EVIL}(${MARIA})`,
  `${MARIA}(${EVIL})`,
  `group:${MARIA},${EVIL};`,
  `${MARIA}@evil.example`,
  `evil.example@${MARIA}`,
  `@evil.example:${MARIA}`,
  `${MARIA}&identifier=${EVIL}`,
  `["${MARIA}","${EVIL}"]`,
  `{"$ne":null}`,
  `${MARIA}' or '1'='1`,
  `%@oak.example`,
  `*`,
  `mar\u0456a@oak.example`,
  `maria@o\u0430k.example`,
  `mar\u0131a@oak.example`,
  `MAR\u0130A@oak.example`,
  `ma\u00adria@oak.example`,
  `\u202emaria@oak.example`,
  `maria@oak\u3002example`,
  `maria@oak.example.evil.example`,
  `maria+${"x".repeat(300)}@oak.example`,
  `\ud800${MARIA}`,
  `maria@[127.0.0.1]`,
  `"a\\"@evil.example,"@oak.example`,
];

/** Spellings of the one address that a person may well use: the mail goes to the stored address, whatever was typed. */
const SPELLINGS = [MARIA.toUpperCase(), ` ${MARIA} `, "\uff4daria@oak.example", `${MARIA}\u200b`];

/** Bodies that no form of ours sends. */
const FORMS: readonly RequestOptions[] = [
  { form: { identifier: [MARIA, EVIL] } },
  { form: { identifier: [EVIL, MARIA] } },
  { form: { "identifier[]": [MARIA, EVIL] } },
  { form: { "identifier[0]": MARIA, "identifier[1]": EVIL } },
  { form: { identifier: MARIA, email: EVIL, to: EVIL, cc: EVIL, bcc: EVIL } },
  asForm(`identifier=${MARIA}%0d%0aBcc:%20${EVIL}`),
  asForm(`identifier=${MARIA};identifier=${EVIL}`),
  asForm(`identifier=${MARIA}%00${EVIL}`),
  asForm(`identifier=%ff%fe`),
  { method: "POST", body: multipart(MARIA, EVIL), headers: { "content-type": "multipart/form-data; boundary=x" } },
];

const BODIES: readonly RequestOptions[] = [
  { json: { identifier: [MARIA, EVIL] } },
  { json: { identifier: { 0: MARIA, 1: EVIL } } },
  { json: { identifier: { email: MARIA, cc: EVIL } } },
  { json: { identifier: null } },
  { json: { identifier: 1 } },
  { json: [MARIA, EVIL] },
  { json: { identifier: MARIA, email: EVIL } },
  { json: { identifier: MARIA, to: [EVIL] } },
  asJson(`{"identifier":"${MARIA}","identifier":"${EVIL}"}`),
  asJson(`{"identifier":"${EVIL}","identifier":["${MARIA}","${EVIL}"]}`),
  asJson(`{"identifier":"\\ud800"}`),
  asJson(`{"identifier":"\\u0000"}`),
];

suite("T11: a mail goes to the stored address and nowhere else", () => {
  let oak: TestInstance;
  let maria: TestUser;
  let admin: CookieJar;

  before(async () => {
    oak = await rekey.createInstance();
    maria = await oak.addUser({ email: MARIA });
    admin = await oak.asOwner();
    await untilIdle(oak);
  });

  test("whatever is typed or sent where “Forgot password?” asks for one", async () => {
    const texts = [...ADDRESSES, ...SPELLINGS];
    const mails = await mailsAfter(async () => {
      for (const identifier of texts) {
        await answered(oak.request("/forgot-password", { form: { identifier } }), identifier);
        await answered(oak.api("POST", "/recovery-requests", { json: { identifier } }), identifier);
      }
      for (const form of FORMS) await answered(oak.request("/forgot-password", form), JSON.stringify(form));
      for (const body of BODIES) await answered(oak.api("POST", "/recovery-requests", body), JSON.stringify(body));
    });
    assert(mails.length > 0, "the spellings of the address itself are understood");
    for (const mail of mails) assertOnlyTo(mail, maria.email);
  });

  test("whatever address a new user is given, who is invited at that one or not made at all", async () => {
    const made: string[] = [];
    const mails = await mailsAfter(async () => {
      for (const email of ADDRESSES) {
        const json = { email, first_name: "Eve", last_name: "Ill", role: "member" };
        const answer = await answered(oak.api("POST", "/users", { json, cookies: admin }), email);
        if (answer.status === 201) made.push((answer.json() as { email: string }).email);
      }
      for (const email of [[MARIA, EVIL], { a: EVIL }, null, 7]) {
        const json = { email, first_name: "Eve", last_name: "Ill", role: "member" };
        assert.equal((await oak.api("POST", "/users", { json, cookies: admin })).status, 422);
      }
    });
    assert(
      made.every((email) => !/[\s,;<>()[\]"\\|]/.test(email) && email.split("@").length === 2),
      made.join(" · "),
    );
    assert.equal(mails.length, made.length);
    for (const [index, mail] of mails.entries()) {
      const email = made.toSorted()[index] ?? "";
      assert.equal(mail.to.length, 1);
      assert(
        made.some((each) => sameAddress(each, mail.to[0] ?? "")),
        `${mail.to[0]} · ${email}`,
      );
      assertOnlyTo(mail, mail.to[0] ?? "");
    }
  });

  test("whatever names the user and the instance have", async () => {
    const names = [`Eve\u2028Bcc: ${EVIL}`, `Eve <${EVIL}>`, `"Eve", ${EVIL}`, `=?utf-8?q?=0d=0aBcc:_${EVIL}?=`];
    const pine = await rekey.createInstance(`Pine" <${EVIL}>, House`);
    const owner = await pine.asOwner();
    for (const [number, name] of names.entries()) {
      const user = await pine.addUser({ email: `n${number}@pine.example`, firstName: name, lastName: name });
      await pine.mailedToken(user, owner);
      assertOnlyTo(await pine.mailTo(user.email), user.email);
    }
  });

  /** @returns the mails that came of the work, in whatever order. */
  async function mailsAfter(work: () => Promise<void>): Promise<readonly SinkMail[]> {
    const count = rekey.sink.mails.length;
    await work();
    await untilIdle(oak);
    assert((await rowsOf(oak, "emails")).every(({ state }) => state === "accepted"));
    // Those of other tests may still be on their way.
    const sender = `rekey@${new URL(oak.instance.origin).hostname}`;
    return rekey.sink.mails.slice(count).filter(({ message }) => message.from?.address === sender);
  }
});

/** One recipient in the envelope and in the headers, and no header that was smuggled in. */
function assertOnlyTo(mail: SinkMail, address: string): void {
  assert.deepEqual(mail.to, [address]);
  const { to = [], cc, bcc, from } = mail.message;
  assert.equal(to.length, 1);
  assert(sameAddress(to[0]?.address ?? "", address), `${to[0]?.address}`);
  assert.deepEqual([cc ?? [], bcc ?? []], [[], []]);
  assert.match(from?.address ?? "", /^rekey@t\d+-\d+\.localhost$/);
}

/** A mail server is told a domain in its ASCII form. */
function sameAddress(one: string, other: string): boolean {
  const ascii = (address: string): string =>
    address.replace(/@(.*)$/, (_, domain: string) => `@${domainToASCII(domain)}`);
  return ascii(one) === ascii(other);
}

/** Whatever was sent, it is understood or refused. */
async function answered(asking: Promise<Answer>, said: string): Promise<Answer> {
  const answer = await asking;
  assert(answer.status < 500, `${answer.status} to ${JSON.stringify(said)}`);
  return answer;
}

function asForm(body: string): RequestOptions {
  return { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded" } };
}

function asJson(body: string): RequestOptions {
  return { body, headers: { "content-type": "application/json" } };
}

function multipart(...values: readonly string[]): string {
  const parts = values.map((value) => `--x\r\nContent-Disposition: form-data; name="identifier"\r\n\r\n${value}\r\n`);
  return `${parts.join("")}--x--\r\n`;
}
