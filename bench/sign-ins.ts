import { availableParallelism } from "node:os";

import { hashPassword } from "#credentials/password-hash.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { addressOf, call, PASSWORD, quantile, say, startCrm, watch } from "./crm.ts";

/*
 * How many people can sign in per second, as a share of how many passwords all cores can hash when they do nothing else, turn
 * about in the same run; and how long the health check waits meanwhile. The people who sign in and the database are on the same
 * cores, so what they use of them is missing from the share.
 *
 *   node --import=./scripts/tsx.mjs bench/sign-ins.ts [embedded | postgres]
 */
const ROUNDS = 5;
const HASHING_MS = 3 * SECOND_MS;
const SIGNING_IN_MS = 8 * SECOND_MS;
const PEOPLE = 64;
const AT_ONCE = 16;
const HEALTH_EVERY_MS = 20;
/** What is wanted. */
const LEAST_SHARE = 0.85;
const MOST_HEALTH_MS = 100;

const postgres = await startPostgres();
for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url })) {
  if (process.argv[2] && process.argv[2] !== kind) continue;
  process.env.REKEY_TEST_DATABASE = database;
  await measure(kind);
}
await postgres.stop();

async function measure(kind: string): Promise<void> {
  const { base, program } = await startCrm(PEOPLE);
  const browsers = new Map<number, string>();
  for (let person = 0; person < PEOPLE; person += 1) await signIn(base, person, browsers);
  const shares: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const hashes = await perSecond(HASHING_MS, availableParallelism(), () => hashPassword(PASSWORD));
    const health = new AbortController();
    const watched = watch(HEALTH_EVERY_MS, health.signal, () => requireStatus(call(base, "/healthz")));
    let next = 0;
    const signIns = await perSecond(SIGNING_IN_MS, AT_ONCE, () => signIn(base, next++ % PEOPLE, browsers));
    health.abort();
    waits.push(...(await watched));
    shares.push(signIns / hashes);
    say(`${kind}: round ${round + 1}: ${signIns.toFixed(0)} sign-ins/s, ${hashes.toFixed(0)} hashes/s`);
  }
  say(`${kind}: sign-ins / hashes ${quantile(shares, 0.5).toFixed(2)} (wanted: at least ${LEAST_SHARE})`);
  say(`${kind}: health check p99 ${quantile(waits, 0.99).toFixed(0)} ms (wanted: under ${MOST_HEALTH_MS})`);
  await program.stop("SIGTERM");
}

/** The person signs in from the browser that they used before. */
async function signIn(base: string, person: number, browsers: Map<number, string>): Promise<void> {
  const json = { identifier: addressOf(person), password: PASSWORD };
  const { status, cookies } = await call(base, "/api/v1/session", { json, cookie: browsers.get(person) });
  await requireStatus(Promise.resolve({ status }));
  browsers.set(person, cookies.find((cookie) => cookie.startsWith("rekey-browser=")) ?? "");
}

async function requireStatus(answer: Promise<{ status: number | undefined }>): Promise<void> {
  const { status } = await answer;
  if (status !== 200) throw new Error(`a request was answered ${status}`);
}

async function perSecond(forMs: number, atOnce: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  let done = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - startedAt < forMs) {
      await work();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return (done * SECOND_MS) / (performance.now() - startedAt);
}
