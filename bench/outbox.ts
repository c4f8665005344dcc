import { fork } from "node:child_process";
import { once } from "node:events";

import nodemailer, { type SendMailOptions } from "nodemailer";

import type { Scope } from "#instances/scope.ts";
import { OPERATOR } from "#instances/scope.ts";
import { createInstance } from "#operator/create-instance.ts";
import type { MailMessage, MailTransport } from "#platform/mail/mail-transport.ts";
import { SMTP_CONNECTIONS, smtpTransport } from "#platform/mail/smtp-transport.ts";
import { issueResetLink } from "#recovery/issue-reset-link.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { importUsers } from "#user-import/import-users.ts";
import { readConfig } from "../src/config.ts";
import { type Foundation, layFoundation } from "../src/foundation.ts";
import { startWorker } from "../src/worker.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { emptyEnvironment } from "../test/support/program.ts";
import { startSmtpSink } from "../test/support/smtp-sink.ts";

/** How long a click takes until the mail server has the link, and how fast mails to many leave: against nodemailer alone, in the same run. */
const CLICKS = 100;
const MAILS = 1_000;
const PAUSE_MS = 20;
/** What is wanted: a click takes at most so many bare conversations, and mails to many reach at least this share of the bare rate. */
const MOST_CONVERSATIONS = { embedded: 3, postgres: 2 } as const;
const LEAST_SHARE = 0.7;

if (process.send) await serveSink(process.send.bind(process));
else await compare();

/** The mail server is a process of its own, so that its work is not ours. */
async function serveSink(tell: (url: string) => void): Promise<void> {
  const sink = await startSmtpSink();
  tell(sink.url);
}

async function compare(): Promise<void> {
  const sink = fork(import.meta.filename);
  const [smtpUrl] = (await once(sink, "message")) as [string];
  const postgres = await startPostgres();
  for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url }) as [
    keyof typeof MOST_CONVERSATIONS,
    string,
  ][]) {
    process.env.REKEY_TEST_DATABASE = database;
    const { click, conversation, outbox, pooled } = await measure(smtpUrl);
    const most = MOST_CONVERSATIONS[kind];
    say(
      kind,
      `a click ${click.toFixed(1)} ms, a conversation ${conversation.toFixed(1)} ms`,
      click / conversation,
      `at most ${most}`,
    );
    say(
      kind,
      `the outbox ${Math.round(outbox)}/s, nodemailer ${Math.round(pooled)}/s`,
      outbox / pooled,
      `at least ${LEAST_SHARE}`,
    );
  }
  await postgres.stop();
  sink.kill();
}

function say(kind: string, measured: string, ratio: number, wanted: string): void {
  process.stdout.write(`${kind}: ${measured}: ${ratio.toFixed(2)} (wanted: ${wanted})\n`);
}

async function measure(smtpUrl: string) {
  const watched = watch(smtpTransport(smtpUrl));
  const config = readConfig({ ...(await emptyEnvironment()), LOG_LEVEL: "error", SMTP_URL: smtpUrl });
  const foundation = await layFoundation(config, { transport: watched.transport });
  const { scope, userIds } = await fill(foundation);
  const click = await timeClicks(foundation, scope, { userIds: userIds.slice(0, CLICKS), watched });
  const message = watched.last();
  const conversation = await timeConversations(smtpUrl, message);
  const outbox = await rateOfOutbox(foundation, scope, { userIds: userIds.slice(CLICKS), watched });
  const pooled = await rateOfNodemailer(smtpUrl, message);
  await foundation.close();
  return { click, conversation, outbox, pooled };
}

/** Says when the mail server has taken a mail. */
function watch(transport: MailTransport) {
  let accepted = 0;
  let newest: MailMessage | undefined;
  let tell = (): void => {};
  return {
    transport: {
      ...transport,
      send: async (message: MailMessage) => {
        const handover = await transport.send(message);
        newest = message;
        accepted += 1;
        tell();
        return handover;
      },
    },
    last: (): MailMessage => {
      if (!newest) throw new Error("a mail has been sent");
      return newest;
    },
    /** Resolves when so many more have been taken. */
    more: (count: number): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wanted = accepted + count;
      tell = () => void (accepted >= wanted && resolve());
      return promise;
    },
  };
}

type Watched = ReturnType<typeof watch>;

async function fill({ deps }: Foundation): Promise<{ scope: Scope; userIds: readonly string[] }> {
  const ada = { email: "ada@oak.example", firstName: "Ada", lastName: "Okafor" };
  const { instance } = await createInstance(deps, {
    name: "Oak Recovery",
    origin: "https://crm.oak.example",
    owner: ada,
  });
  const scope: Scope = { instance, actor: OPERATOR, request: undefined };
  const people = Array.from({ length: CLICKS + MAILS }, (_, number) => `p${number}@oak.example,Kim,Nguyen${number}`);
  const content = [Buffer.from(["Email Address,First Name,Last Name", ...people].join("\n"))];
  await importUsers(deps, scope, { content, invite: false });
  const users = await deps.db.inInstance(instance.id, (tx) =>
    tx.selectFrom("users").select("id").where("instance_id", "=", instance.id).where("role", "=", "member").execute(),
  );
  return { scope, userIds: users.map(({ id }) => id) };
}

/** @returns the middle one of the times from a click until the mail server has taken the link, each on a program at rest. */
async function timeClicks(
  foundation: Foundation,
  scope: Scope,
  of: { userIds: readonly string[]; watched: Watched },
): Promise<number> {
  const worker = startWorker(foundation.deps, foundation.delivery);
  foundation.onWake(worker.wake);
  const times: number[] = [];
  for (const userId of of.userIds) {
    await rest();
    const startedAt = performance.now();
    const taken = of.watched.more(1);
    await sendResetLink(foundation.deps, scope, { userId });
    await taken;
    times.push(performance.now() - startedAt);
  }
  await rest();
  await worker.stop();
  return middle(times);
}

/** A conversation begins with the connection, as nodemailer has it unless it is told otherwise. */
async function timeConversations(smtpUrl: string, message: MailMessage): Promise<number> {
  const transporter = nodemailer.createTransport(smtpUrl);
  const times: number[] = [];
  for (let round = 0; round < CLICKS; round += 1) {
    await rest();
    const startedAt = performance.now();
    await transporter.sendMail(bare(message));
    times.push(performance.now() - startedAt);
  }
  return middle(times);
}

/** @returns how many mails a second go out of a full outbox. */
async function rateOfOutbox(
  foundation: Foundation,
  scope: Scope,
  of: { userIds: readonly string[]; watched: Watched },
): Promise<number> {
  const { deps, delivery } = foundation;
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    for (const userId of of.userIds)
      await issueResetLink(deps, tx, scope, { userId, origin: "bulk", by: "mail", isBulk: true });
  });
  const startedAt = performance.now();
  const taken = of.watched.more(of.userIds.length);
  const worker = startWorker(deps, delivery);
  foundation.onWake(worker.wake);
  await taken;
  const tookMs = performance.now() - startedAt;
  await worker.stop();
  return (of.userIds.length / tookMs) * 1_000;
}

/** @returns how many mails a second nodemailer sends over as many connections as we have, with nothing to remember. */
async function rateOfNodemailer(smtpUrl: string, message: MailMessage): Promise<number> {
  const pool = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: SMTP_CONNECTIONS,
    maxMessages: Infinity,
  });
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: MAILS }, () => pool.sendMail(bare(message))));
  const tookMs = performance.now() - startedAt;
  pool.close();
  return (MAILS / tookMs) * 1_000;
}

function bare({ from, to, subject, text, html }: MailMessage): SendMailOptions {
  return { from, to, subject, text, html };
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function middle(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}
