import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import type { Scope } from "#instances/scope.ts";
import { OPERATOR } from "#instances/scope.ts";
import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { createInstance } from "#operator/create-instance.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { importUsers } from "#user-import/import-users.ts";
import { readConfig } from "../src/config.ts";
import { type Foundation, layFoundation } from "../src/foundation.ts";
import { startWorker } from "../src/worker.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { emptyEnvironment } from "../test/support/program.ts";
import { startSmtpSink } from "../test/support/smtp-sink.ts";

/*
 * M3 in real time: the mail server is away for some minutes while links are sent, then comes back.
 *
 *   node --import=./scripts/tsx.mjs bench/outage.ts [minutes, 10 unless told] [embedded | postgres]
 */
const MINUTES = Number(process.argv[2] ?? 10);
const SENDS = 1_000;
/** What is wanted. */
const DRAINED_WITHIN_S = 60;
const LEAST_LIFE_MINUTES = 45;
/** Of "U*U" (crypt_blowfish, wrapper.c). Who has a password is mailed a link of an hour rather than an invitation. */
const HASH = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

if (process.send) await serveSink(process.send.bind(process));
else await measureAll();

/** The mail server is a process of its own, which goes away and comes back when it is told to. */
async function serveSink(tell: (word: string) => void): Promise<void> {
  const sink = await startSmtpSink();
  process.on("message", (word) => {
    void (word === "pause" ? sink.pause() : sink.resume()).then(() => tell("done"));
  });
  tell(sink.url);
}

async function measureAll(): Promise<void> {
  const postgres = await startPostgres();
  for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url })) {
    if (process.argv[3] && process.argv[3] !== kind) continue;
    process.env.REKEY_TEST_DATABASE = database;
    await measure(kind);
  }
  await postgres.stop();
}

async function measure(kind: string): Promise<void> {
  const sink = fork(import.meta.filename, { execArgv: process.execArgv });
  const [smtpUrl] = (await once(sink, "message")) as [string];
  const tellSink = async (word: "pause" | "resume"): Promise<void> => {
    sink.send(word);
    await once(sink, "message");
  };
  const config = readConfig({ ...(await emptyEnvironment()), LOG_LEVEL: "error", SMTP_URL: smtpUrl });
  const foundation = await layFoundation(config);
  const { scope, userIds } = await fill(foundation);
  const worker = startWorker(foundation.deps, foundation.delivery);
  foundation.onWake(worker.wake);
  await tellSink("pause");
  const awayUntil = Date.now() + MINUTES * MINUTE_MS;
  for (const userId of userIds) await sendResetLink(foundation.deps, scope, { userId });
  await pause(awayUntil - Date.now());
  await tellSink("resume");
  const backAt = Date.now();
  while ((await countWaiting(foundation, scope)) > 0) await pause(SECOND_MS / 4);
  const drainedAt = Date.now();
  const leastLifeMs = (await firstEnd(foundation, scope)).getTime() - drainedAt;
  say(kind, `${SENDS} links sent in an outage of ${MINUTES} min, each accepted by us`, "all");
  say(kind, `drained ${((drainedAt - backAt) / SECOND_MS).toFixed(1)} s after it`, `at most ${DRAINED_WITHIN_S}`);
  say(kind, `least life ${(leastLifeMs / MINUTE_MS).toFixed(1)} min`, `at least ${LEAST_LIFE_MINUTES}`);
  await worker.stop();
  await foundation.close();
  sink.kill();
}

function say(kind: string, measured: string, wanted: string): void {
  process.stdout.write(`${kind}: ${measured} (wanted: ${wanted})\n`);
}

async function fill({ deps }: Foundation): Promise<{ scope: Scope; userIds: readonly string[] }> {
  const owner = { email: "ada@oak.example", firstName: "Ada", lastName: "Okafor" };
  const { instance } = await createInstance(deps, { name: "Oak Recovery", origin: "https://crm.oak.example", owner });
  const scope: Scope = { instance, actor: OPERATOR, request: undefined };
  const people = Array.from({ length: SENDS }, (_, number) => `p${number}@oak.example,Kim,Nguyen${number},${HASH}`);
  const content = [Buffer.from(["Email Address,First Name,Last Name,Password Hash", ...people].join("\n"))];
  await importUsers(deps, scope, { content, invite: false });
  const users = await deps.db.inInstance(instance.id, (tx) =>
    tx.selectFrom("users").select("id").where("instance_id", "=", instance.id).where("role", "=", "member").execute(),
  );
  return { scope, userIds: users.map(({ id }) => id) };
}

async function countWaiting({ deps }: Foundation, { instance }: Scope): Promise<number> {
  const waiting = await deps.db.inInstance(instance.id, (tx) =>
    tx
      .selectFrom("emails")
      .select("id")
      .where("instance_id", "=", instance.id)
      .where("state", "!=", "accepted")
      .execute(),
  );
  return waiting.length;
}

/** @returns when the first of the links ends. */
async function firstEnd({ deps }: Foundation, { instance }: Scope): Promise<Date> {
  const { expires_at: first } = await deps.db.inInstance(instance.id, (tx) =>
    tx
      .selectFrom("recoveries")
      .select("expires_at")
      .where("instance_id", "=", instance.id)
      .orderBy("expires_at")
      .limit(1)
      .executeTakeFirstOrThrow(),
  );
  if (!first) throw new Error("a link has no end though its mail was accepted");
  return first;
}
