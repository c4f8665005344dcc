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
import { lockUser } from "#users/user.ts";
import { readConfig } from "../src/config.ts";
import { type Foundation, layFoundation } from "../src/foundation.ts";
import { startWorker } from "../src/worker.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { emptyEnvironment } from "../test/support/program.ts";
import { startSmtpSink } from "../test/support/smtp-sink.ts";

/*
 * How long a click takes until the mail server has the link, and how fast mails to many leave: against nodemailer alone, turn
 * about in the same run, since a machine that others work on is now faster and now slower.
 *
 *   node --import=./scripts/tsx.mjs bench/outbox.ts [embedded | postgres]
 */
const ROUNDS = 5;
const CLICKS = 30;
const MAILS = 500;
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
  const sink = fork(import.meta.filename, { execArgv: process.execArgv });
  const [smtpUrl] = (await once(sink, "message")) as [string];
  const postgres = await startPostgres();
  for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url }) as [
    keyof typeof MOST_CONVERSATIONS,
    string,
  ][]) {
    if (process.argv[2] && process.argv[2] !== kind) continue;
    process.env.REKEY_TEST_DATABASE = database;
    const rounds = await measure(smtpUrl);
    const most = MOST_CONVERSATIONS[kind];
    say(`${kind}: a click, ms`, rounds, ({ click }) => click);
    say(`${kind}: a conversation, ms`, rounds, ({ conversation }) => conversation);
    say(`${kind}: click / conversation (wanted: at most ${most})`, rounds, (of) => of.click / of.conversation);
    say(`${kind}: the outbox, mails/s`, rounds, ({ outbox }) => outbox.perSecond);
    say(`${kind}: nodemailer, mails/s`, rounds, ({ pooled }) => pooled.perSecond);
    say(`${kind}: outbox / nodemailer (wanted: at least ${LEAST_SHARE})`, rounds, ({ outbox, pooled }) => {
      return outbox.perSecond / pooled.perSecond;
    });
    say(`${kind}: the outbox, CPU ms/mail`, rounds, ({ outbox }) => outbox.cpuMs);
    say(`${kind}: nodemailer, CPU ms/mail`, rounds, ({ pooled }) => pooled.cpuMs);
  }
  await postgres.stop();
  sink.kill();
}

interface Rate {
  readonly perSecond: number;
  /** Of this process: not of the database, unless that is embedded, nor of the mail server. */
  readonly cpuMs: number;
}

interface Round {
  readonly click: number;
  readonly conversation: number;
  readonly outbox: Rate;
  readonly pooled: Rate;
}

/** Says the middle one of the rounds, and the lowest and the highest. */
function say(what: string, rounds: readonly Round[], of: (round: Round) => number): void {
  const values = rounds.map(of).toSorted((one, other) => one - other);
  const [low, high] = [values[0] ?? 0, values.at(-1) ?? 0].map((value) => value.toFixed(2));
  process.stdout.write(`${what}: ${middle(values).toFixed(2)} (${low} to ${high})\n`);
}

/** The first round is for warming up. */
async function measure(smtpUrl: string): Promise<readonly Round[]> {
  const watched = watch(smtpTransport(smtpUrl));
  const config = readConfig({ ...(await emptyEnvironment()), LOG_LEVEL: "error", SMTP_URL: smtpUrl });
  const foundation = await layFoundation(config, { transport: watched.transport });
  const { scope, userIds } = await fill(foundation);
  const rounds: Round[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const clickedOn = userIds.slice(round * CLICKS, (round + 1) * CLICKS);
    const click = await timeClicks(foundation, scope, { userIds: clickedOn, watched });
    const message = watched.last();
    const conversation = await timeConversations(smtpUrl, message);
    const outbox = await rateOfOutbox(foundation, scope, { userIds: userIds.slice(-MAILS), watched });
    const pooled = await rateOfNodemailer(smtpUrl, message);
    rounds.push({ click, conversation, outbox, pooled });
  }
  await foundation.close();
  return rounds.slice(1);
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
  const count = (ROUNDS + 1) * CLICKS + MAILS;
  const people = Array.from({ length: count }, (_, number) => `p${number}@oak.example,Kim,Nguyen${number}`);
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

/** @returns how fast mails go out of a full outbox. */
async function rateOfOutbox(
  foundation: Foundation,
  scope: Scope,
  of: { userIds: readonly string[]; watched: Watched },
): Promise<Rate> {
  const { deps, delivery } = foundation;
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    for (const userId of of.userIds) {
      const user = await lockUser(tx, scope, userId);
      await issueResetLink(deps, tx, scope, { user, origin: "bulk", by: "mail", isBulk: true, hasNews: true });
    }
  });
  return rateOf(async () => {
    const taken = of.watched.more(of.userIds.length);
    const worker = startWorker(deps, delivery);
    foundation.onWake(worker.wake);
    await taken;
    await worker.stop();
  });
}

/** @returns how fast nodemailer sends over as many connections as we have, with nothing to remember. */
async function rateOfNodemailer(smtpUrl: string, message: MailMessage): Promise<Rate> {
  const pool = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: SMTP_CONNECTIONS,
    maxMessages: Infinity,
  });
  const rate = await rateOf(async () => {
    await Promise.all(Array.from({ length: MAILS }, () => pool.sendMail(bare(message))));
  });
  pool.close();
  return rate;
}

/** @returns the rate at which this work sends {@link MAILS}. */
async function rateOf(work: () => Promise<void>): Promise<Rate> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { perSecond: MAILS / ((performance.now() - startedAt) / 1_000), cpuMs: (user + system) / 1_000 / MAILS };
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
