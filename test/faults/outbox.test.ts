import assert from "node:assert/strict";
import { after, afterEach, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { deliverEmails, openDelivery } from "#mail-delivery/deliver-emails.ts";
import { USUAL_LIMITS } from "#mail-delivery/mail-limits.ts";
import { SMTP_CONNECTIONS, smtpTransport } from "#platform/mail/smtp-transport.ts";
import { recoveryMails } from "#recovery/mails.tsx";
import { importUsers } from "#user-import/import-users.ts";
import { freePort } from "../support/free-port.ts";
import { inParallel } from "../support/in-parallel.ts";
import { times } from "../support/numbers.ts";
import { emptyEnvironment, startProgram } from "../support/program.ts";
import { Random } from "../support/random.ts";
import { isResetLink, startRekey, type TestInstance, testRekey, type TestUser, tokenIn } from "../support/rekey.ts";
import { openLink } from "../support/reset-link.ts";
import { startSecondProcess } from "../support/second-process.ts";
import { type SinkAnswer, type SinkMail, type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { jobsOf, passTimeUntilIdle, rowsOf } from "../support/tables.ts";

const isEmbedded = (process.env.REKEY_TEST_DATABASE ?? "embedded") === "embedded";
const rekey = await testRekey();

/** Longer than a worker holds a mail that it was last heard of with. */
const LEASE_OVER_MS = 30 * SECOND_MS;
/** Longer than a worker waits before it asks a mail server again that was away. */
const LONGEST_WAIT_MS = 16 * SECOND_MS;
const DRAINED_WITHIN_MS = MINUTE_MS;
const LEAST_LIFE_MS = 45 * MINUTE_MS;
/** Of "U*U" (crypt_blowfish, wrapper.c). Who has a password is mailed a link of an hour rather than an invitation. */
const HASH = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/** A kill or a sleep finds mails whose acceptance is waited for. */
const acceptSlowly: SinkAnswer = async ({ verb }) => {
  if (verb === "DATA") await pause(times({ quick: 20, full: 5 }));
  return undefined;
};

type Environment = Readonly<Record<string, string>>;

/** One run of the program, and what arrived in it. */
interface Run {
  readonly endedBy: "SIGKILL" | "SIGTERM" | "close";
  readonly exitCode?: number | null;
  readonly mails: readonly SinkMail[];
}

suite("M2: a mail to many, with the program killed and stopped again and again", () => {
  const people = times({ quick: 60, full: 10_000 });
  const kills = times({ quick: 2, full: 50 });
  const random = new Random(50);
  const runs: Run[] = [];
  let sink: SmtpSink;
  let wentBeforeClick = 0;

  before(async () => {
    sink = await startSmtpSink();
    sink.answer(acceptSlowly);
    const own = { PORT: String(await freePort()), REKEY_ORIGIN: "http://localhost", SMTP_URL: sink.url };
    const environment = { ...(await emptyEnvironment()), ...own };
    const oak = await during("close", () => queueAndClick(environment));
    for (const { signal, at } of ends()) await during(signal, () => runUntil(environment, signal, at));
    await during("close", () => finish(environment, oak));
  });
  after(() => sink.close());

  test("nothing is lost: everybody has their link", () => {
    const reached = new Set(runs.flatMap(({ mails }) => mails.map(({ to }) => to.join())));
    assert.equal(reached.size, people + 1);
  });

  test("a kill repeats one mail at most, with the same Message-ID and the same link", () => {
    const repeated = runs.filter(({ endedBy }) => endedBy === "SIGKILL").map((run) => repeatedAfter(run).length);
    assert.equal(repeated.length, kills);
    console.log(`    mails that each of ${kills} kills repeated: ${repeated.join(" ")}`);
    assert(repeated.every((count) => count <= 1));
    const all = runs.flatMap(({ mails }) => mails);
    assert.equal(new Set(all.map(idOf)).size, people + 1);
    for (const copies of Map.groupBy(all, idOf).values()) assert.equal(new Set(copies.map(tokenIn)).size, 1);
  });

  test("SIGTERM ends it in good order and repeats none", () => {
    const stopped = runs.filter(({ endedBy }) => endedBy !== "SIGKILL");
    assert.deepEqual(stopped.flatMap(repeatedAfter), []);
    assert.equal(stopped.find(({ endedBy }) => endedBy === "SIGTERM")?.exitCode, 0);
  });

  test("no run sends the same mail twice", () => {
    for (const { mails } of runs) assert.equal(new Set(mails.map(idOf)).size, mails.length);
  });

  test("a single click goes out before the hundreds that wait", () => {
    assert(wentBeforeClick <= 2 * SMTP_CONNECTIONS, `${wentBeforeClick} mails went first`);
  });

  async function during<T>(endedBy: Run["endedBy"], run: () => Promise<T>): Promise<T> {
    const arrived = sink.mails.length;
    const result = await run();
    await pause(50); // What was on its way to the sink belongs to this run.
    const exitCode = typeof result === "number" ? result : null;
    runs.push({ endedBy, exitCode, mails: sink.mails.slice(arrived) });
    return result;
  }

  /** Everybody's mail is queued while the mail server is away, and begins to go out. Then comes a click on one person. */
  async function queueAndClick(environment: Environment): Promise<TestInstance> {
    await sink.pause();
    const here = await startRekey(environment, sink);
    const oak = await here.createInstance();
    const maria = await oak.addUser();
    await importPeople(oak, people, { invite: true });
    while (await hasJobs(oak)) await pause(50);
    const admin = await oak.asOwner();
    await sink.resume();
    here.clock.advance(LONGEST_WAIT_MS);
    await sink.waitFor(() => true);
    const sentBefore = sink.mails.length;
    await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: admin });
    const link = await oak.mailTo(maria.email);
    wentBeforeClick = sink.mails.indexOf(link) - sentBefore;
    await here.server.close();
    return oak;
  }

  /** Spread over most of the mails by chance; what a kill interrupts waits until its lease is over. */
  function ends(): readonly { readonly signal: "SIGKILL" | "SIGTERM"; readonly at: number }[] {
    const signals = [...random.many(kills, () => "SIGKILL" as const), "SIGTERM" as const];
    const points = random.many(signals.length, () => random.between(people * 0.1, people * 0.85));
    return points
      .toSorted((one, other) => one - other)
      .map((at, index) => ({ signal: signals[index] ?? "SIGTERM", at }));
  }

  async function runUntil(environment: Environment, signal: "SIGKILL" | "SIGTERM", at: number): Promise<number | null> {
    const program = await startProgram(environment);
    assert(program.origin, program.stderr());
    await until(() => sink.mails.length >= at);
    await pause(random.between(0, 20));
    return program.stop(signal);
  }

  /** The last run is in this process, where time can pass until the leases of those before it are over. */
  async function finish(environment: Environment, oak: TestInstance): Promise<void> {
    const here = await startRekey(environment, sink);
    const there = oak.within(here);
    here.clock.advance(LEASE_OVER_MS);
    here.deps.wakeWorker();
    await untilAllAccepted(there);
    await here.server.close();
  }

  /** @returns the mails of the run that came once more in a later one. */
  function repeatedAfter(run: Run): readonly string[] {
    const later = new Set(runs.slice(runs.indexOf(run) + 1).flatMap(({ mails }) => mails.map(idOf)));
    return run.mails.map(idOf).filter((id) => later.has(id));
  }
});

/** What a mail server may do that says nothing about any mail. */
const OUTAGES: Readonly<Record<string, { answer: SinkAnswer; words: RegExp }>> = {
  "refuses our sign-in": {
    answer: ({ verb }) => (verb === "AUTH" ? "535 5.7.8 Authentication credentials invalid" : undefined),
    words: /^535 5\.7\.8/,
  },
  "turns every connection away": {
    answer: ({ verb }) => (verb === "CONNECT" ? "421 4.3.2 Too many connections" : undefined),
    words: /421 4\.3\.2/,
  },
  "refuses service to every connection": {
    answer: ({ verb }) => (verb === "CONNECT" ? "554 5.3.2 No SMTP service here" : undefined),
    words: /554 5\.3\.2/,
  },
  "goes down in the middle of a mail": {
    answer: ({ verb }) => (verb === "RCPT" ? "421 4.3.2 Shutting down" : undefined),
    words: /^421 4\.3\.2/,
  },
};

suite("The outbox", () => {
  afterEach(() => rekey.sink.answer(() => undefined));

  test("M3: takes every link while the mail server is down, and has them all out with most of their life soon after", async () => {
    const oak = await rekey.createInstance();
    const people = await importPeople(oak, times({ quick: 50, full: 1_000 }), { hash: HASH });
    const admin = await oak.asOwner();
    await rekey.sink.pause();
    try {
      await inParallel(people, async ({ id }) => {
        const answer = await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: admin });
        assert.equal(answer.status, 202, answer.text);
      });
      await tenMinutesPass(oak);
      assert((await rowsOf(oak, "emails")).every(({ state }) => state === "queued"));
    } finally {
      await rekey.sink.resume();
    }
    const backAt = rekey.clock.now();
    rekey.clock.advance(times({ quick: LONGEST_WAIT_MS, full: 0 }));
    await untilAllAccepted(oak);
    const drainedAt = rekey.clock.now();
    console.log(
      `    ${people.length} mails out ${drainedAt.getTime() - backAt.getTime()} ms after the server was back`,
    );
    assert(drainedAt.getTime() - backAt.getTime() <= DRAINED_WITHIN_MS);
    for (const { expires_at: expiresAt } of await rowsOf(oak, "recoveries"))
      assert(new Date(String(expiresAt)).getTime() - drainedAt.getTime() >= LEAST_LIFE_MS);
    for (const { email } of people)
      assert.equal(rekey.sink.mails.filter((mail) => mail.to.includes(email) && isResetLink(mail)).length, 1, email);
  });

  for (const [name, { answer, words }] of Object.entries(OUTAGES)) {
    test(`gives up no mail to a server that ${name}, and sends each once when it is back`, async () => {
      const oak = await rekey.createInstance();
      const admin = await oak.asOwner();
      const people = await Promise.all([1, 2, 3].map(() => oak.addUser()));
      rekey.sink.answer(answer);
      await rekey.sink.pause(); // A connection that stays open would be signed in already.
      await rekey.sink.resume();
      for (const { id } of people) await oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies: admin });
      while (!(await rowsOf(oak, "emails")).some((email) => words.test(String(email.answer)))) await pause(10);
      for (let minute = 0; minute < 5; minute += 1) {
        rekey.clock.advance(MINUTE_MS);
        oak.deps.wakeWorker();
        await pause(30);
      }
      assert((await rowsOf(oak, "emails")).every(({ state }) => state === "queued"));
      rekey.sink.answer(() => undefined);
      await passTimeUntilIdle(rekey, oak);
      for (const user of people) await requireOneWorkingLink(oak, user);
    });
  }

  test("sends a single mail at once where mails to many have used up their share of a limit", async () => {
    const sink = await startSmtpSink();
    const environment = { ...(await emptyEnvironment()), SMTP_URL: `${sink.url}?per_minute=10` };
    const here = await startRekey(environment, sink);
    here.clock.freezeAt(here.clock.now());
    const oak = await here.createInstance();
    const maria = await oak.addUser();
    await importPeople(oak, 20, { invite: true });
    await until(() => sink.mails.length === 9);
    while (await hasJobs(oak)) await pause(10);
    const answer = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: await oak.asOwner() });
    assert.equal(answer.status, 202, answer.text);
    await oak.mailTo(maria.email);
    assert.equal(sink.mails.length, 10);
    await passTimeUntilIdle(here, oak);
    assert.equal(sink.mails.length, 21);
    await here.server.close();
    await sink.close();
  });

  test("lets an answer decide nothing that comes when another attempt has taken over", async () => {
    const oak = await rekey.createInstance();
    const admin = await oak.asOwner();
    const maria = await oak.addUser();
    const attempts: PromiseWithResolvers<string | undefined>[] = [];
    rekey.sink.answer(({ verb, to }) => {
      if (verb !== "DATA" || !to.includes(maria.email)) return undefined;
      attempts.push(Promise.withResolvers());
      return attempts.at(-1)?.promise;
    });
    await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: admin });
    await until(() => attempts.length === 1);
    rekey.clock.advance(LEASE_OVER_MS);
    const transport = smtpTransport(rekey.sink.url);
    const route = { transport, kinds: recoveryMails(oak.deps.keyring), defaultSender: undefined, limits: USUAL_LIMITS };
    const second = deliverEmails(oak.deps, openDelivery(route), "emails");
    await until(() => attempts.length === 2);
    attempts[0]?.resolve("554 5.7.1 Too late");
    await pause(200);
    assert.equal((await rowsOf(oak, "emails"))[0]?.state, "queued", "the second attempt is under way");
    attempts[1]?.resolve(undefined);
    await second;
    transport.close();
    assert.equal((await rowsOf(oak, "emails"))[0]?.state, "accepted");
    await requireOneWorkingLink(oak, maria);
  });

  test("sends no mail twice when the machine has slept for longer than a lease", async () => {
    const oak = await rekey.createInstance();
    rekey.sink.answer(acceptSlowly);
    const people = await importPeople(oak, 80, { invite: true });
    const addresses = new Set(people.map(({ email }) => email));
    const arrived = (): readonly SinkMail[] => rekey.sink.mails.filter(({ to }) => addresses.has(to.join()));
    for (const count of [5, 25, 45]) {
      await until(() => arrived().length >= count);
      rekey.clock.advance(LEASE_OVER_MS);
    }
    await untilAllAccepted(oak);
    assert.equal(arrived().length, people.length);
    assert.equal(new Set(arrived().map(idOf)).size, people.length);
  });

  test("is emptied by two programs together, and no mail goes out twice", {
    skip: isEmbedded && "only one program may open it",
  }, async () => {
    rekey.clock.freezeAt(new Date()); // The second program has the machine's time.
    rekey.clock.run();
    const name = "second.example";
    const second = await startSecondProcess(rekey, { SMTP_URL: `${rekey.sink.url}?name=${name}` });
    assert(second);
    // The first would be done on its own before the second has looked.
    const begun = Promise.withResolvers<undefined>();
    rekey.sink.answer(({ verb, client }) => {
      if (client === name) begun.resolve(undefined);
      return verb === "DATA" ? begun.promise : undefined;
    });
    const oak = await rekey.createInstance();
    const people = await importPeople(oak, times({ quick: 400, full: 4_000 }), { invite: true });
    await untilAllAccepted(oak);
    await second.stop();
    const addresses = new Set(people.map(({ email }) => email));
    const mails = rekey.sink.mails.filter(({ to }) => addresses.has(to.join()));
    assert.equal(mails.length, people.length);
    assert.equal(new Set(mails.map(({ to }) => to.join())).size, people.length);
    const bySecond = mails.filter(({ client }) => client === name).length;
    assert(bySecond > 0 && bySecond < mails.length, `${bySecond} of ${mails.length} by the second`);
  });
});

/** Servers are away for longer than anybody wants to wait: most of the ten minutes pass on our clock alone. */
async function tenMinutesPass(oak: TestInstance): Promise<void> {
  const steps = 40;
  const waitedMs = times({ quick: SECOND_MS, full: MINUTE_MS });
  for (let step = 0; step < steps; step += 1) {
    rekey.clock.advance((10 * MINUTE_MS - waitedMs) / steps);
    oak.deps.wakeWorker();
    await pause(waitedMs / steps);
  }
}

async function untilAllAccepted(oak: TestInstance): Promise<void> {
  const deadline = AbortSignal.timeout(2 * MINUTE_MS);
  // The jobs first: one of them may queue mails between the two looks.
  while ((await hasJobs(oak)) || (await rowsOf(oak, "emails")).some(({ state }) => state !== "accepted")) {
    deadline.throwIfAborted();
    await pause(100);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = AbortSignal.timeout(2 * MINUTE_MS);
  while (!isSo()) {
    deadline.throwIfAborted();
    await pause(5);
  }
}

function idOf({ message }: SinkMail): string {
  return message.messageId ?? "";
}

async function hasJobs(oak: TestInstance): Promise<boolean> {
  return (await jobsOf(oak)).length > 0;
}

async function requireOneWorkingLink(oak: TestInstance, user: TestUser): Promise<void> {
  const [link, ...others] = oak.linksTo(user);
  assert(link && others.length === 0);
  assert.equal((await openLink(oak, tokenIn(link))).status, 200);
}

let imports = 0;

/** People of many domains, none of which takes so many mails that it is spared. @returns them as they lie in the database. */
async function importPeople(
  oak: TestInstance,
  count: number,
  { invite = false, hash = "" }: { invite?: boolean; hash?: string },
): Promise<readonly { readonly id: string; readonly email: string }[]> {
  imports += 1;
  const domain = (number: number): string => `${imports}-${number % 10}.oak.example`;
  const lines = Array.from(
    { length: count },
    (_, number) => `p${number}@${domain(number)},Kim,Nguyen${number},${hash}`,
  );
  const content = [Buffer.from(["Email Address,First Name,Last Name,Password Hash", ...lines].join("\r\n"))];
  const { imported } = await importUsers(oak.deps, oak.scope, { content, invite });
  assert.equal(imported, count);
  return (await rowsOf(oak, "users"))
    .map(({ id, email }) => ({ id: String(id), email: String(email) }))
    .filter(({ email }) => email.endsWith(".oak.example"));
}
