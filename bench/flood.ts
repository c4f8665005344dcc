import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import { SECOND_MS } from "#lib/clock.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { addressOf, call, PASSWORD, quantile, say, startCrm, watch } from "./crm.ts";

/*
 * F3: how long others wait while a hundred connections do nothing but fail to sign in, from one source and from a hundred.
 *
 *   node --import=./scripts/tsx.mjs bench/flood.ts [seconds, 60 unless told] [embedded | postgres]
 */
const SECONDS = Number(process.argv[2] ?? 60);
const CONNECTIONS = 100;
const PEOPLE = 200;
/** What is wanted, at the 99th percentile. */
const MOST_HEALTH_MS = 100;
const MOST_LIST_MS = 500;

if (process.send) await flood(process.argv[2] ?? "", process.argv[3] === "many");
else await measureAll();

/** A process of its own, so that its work is not ours. It goes on until it is ended, and tells what it was answered. */
async function flood(base: string, isFromMany: boolean): Promise<void> {
  const answers = new Map<number, number>();
  process.on("message", () => process.send?.(Object.fromEntries(answers)));
  const one = async (_: unknown, connection: number): Promise<never> => {
    for (let tries = 0; ; tries += 1) {
      const json = { identifier: `stranger-${connection}-${tries}@oak.example`, password: "a guess of a stranger" };
      const { status = 0 } = await call(base, "/api/v1/session", {
        json,
        ...(isFromMany && { from: `127.0.1.${connection + 1}` }),
      });
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}

async function measureAll(): Promise<void> {
  const postgres = await startPostgres();
  for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url })) {
    if (process.argv[3] && process.argv[3] !== kind) continue;
    process.env.REKEY_TEST_DATABASE = database;
    const { base, program } = await startCrm(PEOPLE);
    const json = { identifier: addressOf(0), password: PASSWORD };
    const { cookies } = await call(base, "/api/v1/session", { json });
    const cookie = cookies.join("; ");
    await measure(`${kind}, at rest`, base, cookie);
    for (const sources of ["one", "many"]) {
      const strangers = fork(import.meta.filename, [base, sources], { execArgv: process.execArgv });
      await pause(SECOND_MS);
      await measure(`${kind}, flooded from ${sources}`, base, cookie);
      strangers.send("tell");
      const [answers] = await once(strangers, "message");
      say(`${kind}, the flood was answered ${JSON.stringify(answers)}`);
      strangers.kill();
    }
    await program.stop("SIGTERM");
  }
  await postgres.stop();
}

async function measure(title: string, base: string, cookie: string): Promise<void> {
  const signal = AbortSignal.timeout(SECONDS * SECOND_MS);
  const [health, list] = await Promise.all([
    watch(50, signal, () => requireFound(base, "/healthz")),
    watch(200, signal, () => requireFound(base, "/settings/users", cookie)),
  ]);
  say(`${title}: health check p99 ${quantile(health, 0.99).toFixed(0)} ms (wanted: under ${MOST_HEALTH_MS})`);
  say(`${title}: list of users p99 ${quantile(list, 0.99).toFixed(0)} ms (wanted: under ${MOST_LIST_MS})`);
}

async function requireFound(base: string, path: string, cookie?: string): Promise<void> {
  const { status } = await call(base, path, { cookie });
  if (status !== 200) throw new Error(`${path} was answered ${status}`);
}
