import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { DAY_MS } from "#lib/clock.ts";
import { readDeliveryReport } from "#platform/mail/delivery-report.ts";
import { DELIVERY_REPORTS, forgedLocalParts } from "../../test/support/delivery-reports.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { BOUNCE_DOMAIN, type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { reportTo } from "../../test/support/report-mail.ts";
import { openLink } from "../../test/support/reset-link.ts";
import { dumpOf, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const NO_SUCH_USER = DELIVERY_REPORTS[0];

/** How a server may repeat a link: as it is, without its host, alone, and over the end of a line. */
const QUOTES: readonly ((origin: string, token: string) => string)[] = [
  (origin, token) => `<${origin}/reset-password/${token}>`,
  (_, token) => `/reset-password/${token}`,
  (_, token) => `token=3D${token}`,
  (origin, token) => `${origin}/reset-password/${token.slice(0, 32)}=\n ${token.slice(32)}`,
  (origin, token) => `${origin}/reset-password/\n ${token.slice(0, 32)}\n ${token.slice(32)}`,
];

/** A link that went out to somebody. */
interface Sent {
  readonly to: TestUser;
  readonly recoveryId: string;
  readonly returnPath: string;
  readonly messageId: string;
}

suite("M4: a report about a mail that could not be delivered", () => {
  let oak: TestInstance;
  let admin: CookieJar;

  before(async () => {
    oak = await rekey.createInstance();
    admin = await oak.asOwner();
  });

  for (const { name, outcome, write } of DELIVERY_REPORTS) {
    test(`is matched by its return path and understood: ${name}`, async () => {
      const sent = await send();
      assert.match(await report(sent.returnPath, write({ ...sent, to: sent.to.email })), /^250/);
      const { state, timeline } = await read(sent);
      const event = outcome === "delayed" ? "deferred" : "bounced";
      assert.equal(timeline.at(-1)?.event, event);
      assert.equal(state, outcome === "delayed" ? "sent" : "bounced");
      assert.match(String(timeline.at(-1)?.detail.answer), /\w/);
      const list = (await rowsOf(oak, "suppressed_addresses")).map(({ address }) => address);
      assert.equal(list.includes(sent.to.email), outcome === "hard", "only an address at fault gets no mail any more");
    });
  }

  test("after an address at fault, the next click says why nothing is sent and queues nothing", async () => {
    const sent = await send();
    await report(sent.returnPath, NO_SUCH_USER?.write({ ...sent, to: sent.to.email }) ?? "");
    const queued = (await rowsOf(oak, "emails")).length;
    const click = await oak.api("POST", `/users/${sent.to.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(click.status, 409, click.text);
    const { code, detail } = click.json() as { code: string; detail: string };
    assert.equal(code, "address_suppressed");
    assert.match(detail, /There is no such mailbox/);
    assert.equal((await rowsOf(oak, "emails")).length, queued);
    const user = (await oak.api("GET", `/users/${sent.to.id}`, { cookies: admin })).json() as {
      actions: Record<string, { allowed: boolean; reason: string | null }>;
    };
    assert.equal(user.actions["send_reset_link"]?.allowed, false);
    assert.match(user.actions["send_reset_link"]?.reason ?? "", /There is no such mailbox/);
    const corrected = { email: `right-${sent.to.email}` };
    assert.equal((await oak.api("PATCH", `/users/${sent.to.id}`, { json: corrected, cookies: admin })).status, 200);
    const again = await oak.api("POST", `/users/${sent.to.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(again.status, 202, "another address is another matter");
  });

  test("after a full mailbox or a mail turned away, the next click sends at once", async () => {
    const full = DELIVERY_REPORTS.find(({ name }) => name === "mailbox full");
    const sent = await send();
    await report(sent.returnPath, full?.write({ ...sent, to: sent.to.email }) ?? "");
    const again = await oak.api("POST", `/users/${sent.to.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(again.status, 202);
    await untilIdle(oak);
    assert.equal(rekey.sink.mails.filter(({ to }) => to.includes(sent.to.email)).length, 2);
  });

  test("leaves the link alive, for whom an earlier mail reached", async () => {
    const sent = await send();
    await report(sent.returnPath, NO_SUCH_USER?.write({ ...sent, to: sent.to.email }) ?? "");
    const [mail] = oak.linksTo(sent.to);
    assert(mail);
    assert.equal((await openLink(oak, tokenIn(mail))).status, 200);
  });

  test("leaves no link behind that it repeats, whole or broken over lines, and no control character", async () => {
    const qmail = DELIVERY_REPORTS.find(({ name }) => name === "qmail, no mailbox");
    for (const [sample, words] of [
      [NO_SUCH_USER, "Recipient address rejected"],
      [qmail, "Sorry, no mailbox here by that name."],
    ] as const) {
      for (const quote of QUOTES) {
        const sent = await send();
        const [mail] = oak.linksTo(sent.to);
        assert(mail && sample);
        const token = tokenIn(mail);
        const raw = sample.write({ ...sent, to: sent.to.email });
        const quoted = raw.replace(words, `Sorry, blocked\u009b31m\u0085 ${quote(oak.instance.origin, token)} it says`);
        assert.notEqual(quoted, raw);
        assert.match(await report(sent.returnPath, quoted), /^250/);
        const { state, timeline } = await read(sent);
        assert.equal(state, "bounced");
        const answer = String(timeline.at(-1)?.detail.answer);
        assert.match(answer, /blocked.* \[a link\]/);
        assert.doesNotMatch(answer, /\p{Cc}/u);
        await requireNowhere(sent, [token, token.slice(0, 32), token.slice(32)]);
      }
    }
  });

  test("is refused when it is forged, in every way there is", async () => {
    const sent = await send();
    const other = await send();
    const local = localPartOf(sent);
    const forged = [
      ...forgedLocalParts(local, { ...sent, other: localPartOf(other) }).map((each) => `${each}@${BOUNCE_DOMAIN}`),
      `${local}@elsewhere.example`,
      `${local}@sub.${BOUNCE_DOMAIN}`,
      "someone@oak.example",
      `${local}@localhost`,
    ];
    assert.equal(forged.length, 20);
    rekey.log.length = 0;
    for (const address of forged) {
      assert(!forged.includes(sent.returnPath));
      const answer = await report(address, NO_SUCH_USER?.write({ ...sent, to: sent.to.email }) ?? "");
      assert.match(answer, /^55\d/, `${address}: ${answer}`);
    }
    const refusals = rekey.log.filter((line) => line.includes("a report was refused"));
    assert(refusals.length > 0 && refusals.every((line) => line.includes('"source":"127.0.0.1"')), String(refusals));
    assert(!refusals.join("").includes("@"), "what a stranger wrote is not logged");
    assert.equal((await read(sent)).state, "sent");
    assert.equal((await read(other)).state, "sent");
  });

  test("is refused when somebody sends it rather than a server, and is no report when it is an answer", async () => {
    const sent = await send();
    const raw = NO_SUCH_USER?.write({ ...sent, to: sent.to.email }) ?? "";
    assert.match(await report(sent.returnPath, raw, "mallory@oak.example"), /^550/);
    const vacation =
      "From: maria@oak.example\nSubject: Out of office: 550 reasons\nAuto-Submitted: auto-replied\n\nI am away until May 5.1.1.\n";
    assert.match(await report(sent.returnPath, vacation), /^250/);
    const success = raw.replace("Action: failed", "Action: delivered");
    assert.match(await report(sent.returnPath, success), /^250/);
    assert.equal((await read(sent)).state, "sent");
  });

  test("is read in no time, whatever it is made of", async () => {
    const [head, size] = ["From: mailer-daemon@mx.example\r\nSubject: Undeliverable\r\n", 900_000];
    const of = (type: string, text: string) => `${head}Content-Type: ${type}\r\n\r\n${text.repeat(size / text.length)}`;
    const status = "message/delivery-status\r\n\r\nAction: failed\r\nDiagnostic-Code: ";
    const hostile = [
      of("text/html", "<"),
      of("text/plain", "\n"),
      of("text/plain", "delivery "),
      of(status, " "),
      of(status, "\n "),
      of("multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n"),
      of("multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: text/html", "<a href="),
      `${head}Subject: ${"delivery ".repeat(size / 9)}\r\n\r\nHello`,
    ];
    for (const raw of hostile) {
      const startedAt = performance.now();
      await readDeliveryReport(Buffer.from(raw));
      const tookMs = performance.now() - startedAt;
      assert(tookMs < 1_500, `${Math.round(tookMs)} ms for ${JSON.stringify(raw.slice(80, 160))}`);
    }
  });

  test("that the mail was given up is followed after a warning in the same words, which is told once", async () => {
    const warning = DELIVERY_REPORTS.find(({ outcome }) => outcome === "delayed");
    const sent = await send();
    const delayed = warning?.write({ ...sent, to: sent.to.email }) ?? "";
    await report(sent.returnPath, delayed);
    await report(sent.returnPath, delayed);
    await report(sent.returnPath, delayed.replace("Action: delayed", "Action: failed"));
    const { state, timeline } = await read(sent);
    assert.equal(state, "bounced");
    assert.deepEqual(
      timeline.slice(-2).map(({ event }) => event),
      ["deferred", "bounced"],
    );
    assert.equal(timeline.filter(({ event }) => event === "deferred").length, 1);
  });

  test("that comes before the acceptance is written down is asked for once more", async () => {
    const to = await oak.addUser();
    let [raw, early] = ["", ""];
    rekey.sink.answer(async ({ verb, from, to: [address] }) => {
      if (verb !== "DATA" || address !== to.email) return undefined;
      raw = NO_SUCH_USER?.write({ to: address, returnPath: from, messageId: "" }) ?? "";
      early = await report(from, raw);
      return undefined;
    });
    const sent = await send(to);
    rekey.sink.answer(() => undefined);
    assert.match(early, /^451/);
    assert.equal((await read(sent)).state, "sent");
    assert.match(await report(sent.returnPath, raw), /^250/);
    assert.equal((await read(sent)).state, "bounced");
  });

  test("changes nothing when it is replayed, or comes ten days later", async () => {
    const sent = await send();
    const raw = NO_SUCH_USER?.write({ ...sent, to: sent.to.email }) ?? "";
    await report(sent.returnPath, raw);
    const length = (await read(sent)).timeline.length;
    await Promise.all([1, 2, 3].map(() => report(sent.returnPath, raw)));
    assert.equal((await read(sent)).timeline.length, length);

    const late = await send();
    rekey.clock.advance(10 * DAY_MS);
    admin = await oak.asOwner();
    await report(late.returnPath, raw);
    assert.notEqual((await read(late)).state, "bounced");
  });

  test("whose conversation breaks off or is far too large ends nothing else", async () => {
    const sent = await send();
    const answer = await report(sent.returnPath, `Subject: large\n\n${"x".repeat(1_100_000)}`);
    assert.match(answer, /^552/);
    assert.match(await report(sent.returnPath, NO_SUCH_USER?.write({ ...sent, to: sent.to.email }) ?? ""), /^250/);
  });

  async function send(given?: TestUser): Promise<Sent> {
    const to = given ?? (await oak.addUser());
    const answer = await oak.api("POST", `/users/${to.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(answer.status, 202, answer.text);
    await untilIdle(oak);
    const { id: recoveryId } = answer.json() as { id: string };
    const mail = await rekey.sink.waitFor((each) => each.to.includes(to.email));
    return { to, recoveryId, returnPath: mail.from, messageId: mail.message.messageId ?? "" };
  }

  async function requireNowhere(sent: Sent, secrets: readonly string[]): Promise<void> {
    const pages = await Promise.all(
      [`/settings/users/${sent.to.id}`, "/settings/mail", "/settings/audit"].map(
        async (page) => (await oak.request(page, { cookies: admin })).text,
      ),
    );
    for (const secret of secrets)
      for (const text of [await dumpOf(oak), ...pages, rekey.log.join("\n")]) assert(!text.includes(secret), text);
  }

  async function read({ recoveryId }: Sent) {
    const answer = await oak.api("GET", `/recoveries/${recoveryId}`, { cookies: admin });
    return answer.json() as {
      state: string;
      timeline: readonly { event: string; detail: Readonly<Record<string, unknown>> }[];
    };
  }
});

/** @returns what the receiver answered, as another mail server would hear it. */
function report(to: string, raw: string, from?: string): Promise<string> {
  return reportTo(rekey, to, raw, from);
}

function localPartOf({ returnPath }: Sent): string {
  return returnPath.split("@")[0] ?? "";
}
