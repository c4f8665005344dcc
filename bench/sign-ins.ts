import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { text } from "node:stream/consumers";

import { hashPassword, verifyPassword } from "#credentials/password-hash.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { addressOf, call, PASSWORD, quantile, say, startCrm, watch } from "./crm.ts";

/*
 * How many people can sign in per second, as a share of how many passwords all cores can hash when they do nothing else, turn
 * about in the same run; and how long the health check waits meanwhile. The people who sign in and the database are on the same
 * cores, so what they use of them is missing from the share: what a server reaches that does nothing but check the password says
 * how much that is.
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

if (process.send) await serveLeast(process.send.bind(process));
else await measureAll();

/** The least that a sign-in can be: a request, its hash and an answer, with nothing kept. */
async function serveLeast(tell: (port: number) => void): Promise<void> {
  const stored = await hashPassword(PASSWORD);
  const server = createServer((request, response) => {
    void text(request)
      .then((body) => verifyPassword((JSON.parse(body) as { password: string }).password, stored))
      .then((isRight) => response.writeHead(isRight ? 200 : 401).end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  tell((server.address() as AddressInfo).port);
}

async function measureAll(): Promise<void> {
  const postgres = await startPostgres();
  const least = fork(import.meta.filename, { execArgv: process.execArgv });
  const [port] = (await once(least, "message")) as [number];
  for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url })) {
    if (process.argv[2] && process.argv[2] !== kind) continue;
    process.env.REKEY_TEST_DATABASE = database;
    await measure(kind, `http://127.0.0.1:${port}`);
  }
  least.kill();
  await postgres.stop();
}

async function measure(kind: string, least: string): Promise<void> {
  const { base, program } = await startCrm(PEOPLE);
  const browsers = new Map<number, string>();
  for (let person = 0; person < PEOPLE; person += 1) await signIn(base, person, browsers);
  const shares: number[] = [];
  const bounds: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const hashes = await perSecond(HASHING_MS, availableParallelism(), () => hashPassword(PASSWORD));
    const health = new AbortController();
    const watched = watch(HEALTH_EVERY_MS, health.signal, () => requireStatus(call(base, "/healthz")));
    let next = 0;
    const signIns = await perSecond(SIGNING_IN_MS, AT_ONCE, () => signIn(base, next++ % PEOPLE, browsers));
    health.abort();
    waits.push(...(await watched));
    const bare = await perSecond(HASHING_MS, AT_ONCE, () => signIn(least, next++ % PEOPLE, new Map()));
    shares.push(signIns / hashes);
    bounds.push(bare / hashes);
    const rates = { "sign-ins": signIns, hashes, "bare requests with a hash": bare };
    const words = Object.entries(rates).map(([what, rate]) => `${rate.toFixed(0)} ${what}/s`);
    say(`${kind}: round ${round + 1}: ${words.join(", ")}`);
  }
  say(`${kind}: sign-ins / hashes ${quantile(shares, 0.5).toFixed(2)} (wanted: at least ${LEAST_SHARE})`);
  say(
    `${kind}: bare requests with a hash / hashes ${quantile(bounds, 0.5).toFixed(2)}, the most that could be reached`,
  );
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
