import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import nodemailer from "nodemailer";

import { MINUTE_MS } from "#lib/clock.ts";
import { forgedLocalParts, swapped } from "../../test/support/delivery-reports.ts";
import { freePort } from "../../test/support/free-port.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { inParallel } from "../../test/support/in-parallel.ts";
import { type Postfix, startPostfix } from "../../test/support/postfix.ts";
import { emptyEnvironment } from "../../test/support/program.ts";
import {
  BOUNCE_DOMAIN,
  startRekey,
  type TestInstance,
  type TestRekey,
  type TestUser,
  tokenIn,
} from "../../test/support/rekey.ts";
import { openLink } from "../../test/support/reset-link.ts";
import { type SinkCommand, type SmtpSink, startSmtpSink } from "../../test/support/smtp-sink.ts";
import { rowsOf } from "../../test/support/tables.ts";

/** One mailbox in the world behind Postfix. */
interface Mailbox {
  readonly name: string;
  /** What its server says, or undefined where Postfix finds no server to ask. */
  readonly says?: { readonly to: "RCPT" | "DATA"; readonly reply: string; readonly times?: number };
  readonly domain?: string;
  readonly becomes: "hard" | "soft" | "delayed";
}

const MAILBOXES: readonly Mailbox[] = [
  mailbox("hard", "550 5.1.1 No such user"),
  mailbox("hard", "550 5.1.1 No such user", "DATA"),
  mailbox("hard", "550-5.1.1 The account does not exist.\r\n550-5.1.1 Look for typing errors.\r\n550 5.1.1 NoSuchUser"),
  mailbox("hard", "550 5.2.1 The account is disabled"),
  mailbox("hard", "550 5.1.10 The domain takes no mail (null MX)"),
  mailbox("hard", "553 5.1.3 Not an address"),
  mailbox("hard", "551 5.1.6 The user has moved"),
  mailbox("hard", "550 No such user here"),
  mailbox("hard", "550 5.0.0 User unknown"),
  mailbox("hard", "550 5.1.1 Użytkownik nie istnieje"),
  mailbox("soft", "552 5.2.2 The mailbox is full"),
  mailbox("soft", "552 5.2.2 The mailbox is full", "DATA"),
  mailbox("soft", "554 5.7.1 Rejected as spam", "DATA"),
  mailbox("soft", "550 5.7.1 The sender is not welcome"),
  mailbox("soft", "550 5.7.26 Unauthenticated mail is not accepted"),
  mailbox("soft", "552 5.3.4 The message is too large", "DATA"),
  { name: "a domain that is none", domain: "no-domain.example", becomes: "hard" },
  { name: "a server that never answers", domain: "dead.example", becomes: "soft" },
  mailbox("soft", "450 4.2.1 The mailbox is busy, for ever"),
  { name: "451 4.3.2 for a while", says: { to: "RCPT", reply: "451 4.3.2 Later", times: 3 }, becomes: "delayed" },
];

const GREYLISTED: Mailbox = {
  name: "greylisting",
  says: { to: "RCPT", reply: "450 4.2.0 Greylisted", times: 1 },
  becomes: "soft",
};

suite("M4: what Postfix itself reports about a mail", () => {
  let sink: SmtpSink;
  let postfix: Postfix;
  let rekey: TestRekey;
  let oak: TestInstance;
  let admin: CookieJar;
  const links = new Map<Mailbox, { readonly to: TestUser; readonly recoveryId: string }>();

  before(async () => {
    sink = await startSmtpSink();
    const [bouncePort, deadPort] = [await freePort(), await freePort()];
    postfix = await startPostfix({
      nextHop: Number(new URL(sink.url).port),
      transports: {
        [BOUNCE_DOMAIN]: `smtp:[127.0.0.1]:${bouncePort}`,
        "dead.example": `smtp:[127.0.0.1]:${deadPort}`,
        "no-domain.example": "error:5.4.4 Host or domain name not found",
      },
      warnsAfterSeconds: 1,
      givesUpAfterSeconds: 5,
    });
    const bounces = { BOUNCE_DOMAIN, BOUNCE_LISTEN: `127.0.0.1:${bouncePort}` };
    rekey = await startRekey({ ...(await emptyEnvironment()), SMTP_URL: postfix.url, ...bounces }, sink);
    oak = await rekey.createInstance();
    admin = await oak.asOwner();
    sink.answer(answerOfWorld());
    await inParallel([...MAILBOXES, GREYLISTED].entries(), async ([number, box]) => {
      const to = await oak.addUser({ email: `box${number}@${box.domain ?? "world.example"}`, password: null });
      const answer = await oak.api("POST", `/users/${to.id}/reset-links`, { json: {}, cookies: admin });
      assert.equal(answer.status, 202, answer.text);
      links.set(box, { to, recoveryId: (answer.json() as { id: string }).id });
    });
  });
  after(async () => {
    await rekey.server.close();
    await Promise.all([postfix.stop(), sink.close()]);
  });

  for (const box of MAILBOXES) {
    test(`is matched and understood: ${box.name}`, async () => {
      const { answer = "" } = await untilTold(box);
      if (box.says) assert(answer.endsWith(lastLineOf(box.says.reply)), answer);
      const list = (await rowsOf(oak, "suppressed_addresses")).map(({ address }) => address);
      assert.equal(list.includes(linkTo(box).to.email), box.becomes === "hard", "only an address at fault");
    });
  }

  test("is none where greylisting let the mail wait: it arrives, and its link works", async () => {
    const { to, recoveryId } = linkTo(GREYLISTED);
    const mail = await sink.waitFor((each) => each.to.includes(to.email), MINUTE_MS);
    assert.equal((await openLink(oak, tokenIn(mail))).status, 200);
    assert.equal((await read(recoveryId)).state, "sent");
  });

  test("is refused where somebody else sent the mail under a return path that they made up", async () => {
    const [sent, other] = [await arrive(), await arrive()];
    const local = sent.returnPath.split("@")[0] ?? "";
    const known = { ...sent, other: other.returnPath.split("@")[0] ?? "" };
    const forged = [...forgedLocalParts(local, known), ...[5, 15, 25, 45].map((at) => swapped(local, at))];
    assert.equal(forged.length, 20);
    const earlier = refusedReports();
    const client = nodemailer.createTransport({ url: postfix.url, pool: true });
    for (const each of forged)
      await client.sendMail({
        envelope: { from: `${each}@${BOUNCE_DOMAIN}`, to: ["box0@world.example"] },
        text: "Buy!",
      });
    client.close();
    while (refusedReports() - earlier < forged.length) await pause(50);
    for (const { recoveryId } of [sent, other]) assert.equal((await read(recoveryId)).state, "sent");
  });

  /** @returns how the servers of the world answer: each mailbox in its own way, as often as it says. */
  function answerOfWorld() {
    const asked = new Map<string, number>();
    return ({ verb, to }: SinkCommand): string | undefined => {
      const number = Number(/^box(\d+)@/.exec(to.at(-1) ?? "")?.[1] ?? Number.NaN);
      const { says } = [...MAILBOXES, GREYLISTED][number] ?? {};
      if (!says || says.to !== verb) return undefined;
      const key = String(number);
      asked.set(key, (asked.get(key) ?? 0) + 1);
      return (asked.get(key) ?? 0) <= (says.times ?? Infinity) ? says.reply : undefined;
    };
  }

  function refusedReports(): number {
    return postfix.log().match(/said: 550 5\.1\.1 No mail of ours went out under this address/g)?.length ?? 0;
  }

  function linkTo(box: Mailbox) {
    const link = links.get(box);
    assert(link);
    return link;
  }

  /** @returns a link to somebody whom it reached. */
  async function arrive() {
    const to = await oak.addUser({ password: null });
    const answer = await oak.api("POST", `/users/${to.id}/reset-links`, { json: {}, cookies: admin });
    const { id: recoveryId } = answer.json() as { id: string };
    const mail = await sink.waitFor((each) => each.to.includes(to.email));
    return { recoveryId, returnPath: mail.from, messageId: mail.message.messageId ?? "" };
  }

  /** @returns what the timeline tells of a mail that was delayed, or that came back. */
  async function untilTold(box: Mailbox) {
    const [event, becomes] = box.becomes === "delayed" ? ["deferred", "sent"] : ["bounced", "bounced"];
    const deadline = AbortSignal.timeout(MINUTE_MS);
    for (;;) {
      const { state, timeline } = await read(linkTo(box).recoveryId);
      const told = timeline.find((each) => each.event === event);
      if (told && state === becomes) return told.detail;
      deadline.throwIfAborted();
      await pause(50);
    }
  }

  async function read(recoveryId: string) {
    const answer = await oak.api("GET", `/recoveries/${recoveryId}`, { cookies: admin });
    return answer.json() as {
      state: string;
      timeline: readonly { event: string; detail: { readonly answer?: string } }[];
    };
  }
});

function mailbox(becomes: Mailbox["becomes"], reply: string, to: "RCPT" | "DATA" = "RCPT"): Mailbox {
  return { name: `${lastLineOf(reply)} to ${to}`, says: { to, reply }, becomes };
}

function lastLineOf(reply: string): string {
  return reply.split("\r\n").at(-1) ?? "";
}
