import { Agent, type IncomingMessage, request as send } from "node:http";
import { availableParallelism } from "node:os";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

import { hashPassword } from "#credentials/password-hash.ts";
import { OPERATOR } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { createInstance } from "#operator/create-instance.ts";
import { importUsers } from "#user-import/import-users.ts";
import { readConfig } from "../src/config.ts";
import { layFoundation } from "../src/foundation.ts";
import { freePort } from "../test/support/free-port.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { emptyEnvironment, startProgram } from "../test/support/program.ts";

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

const PASSWORD = "correct horse battery staple";

const agent = new Agent({ keepAlive: true });

const postgres = await startPostgres();
for (const [kind, database] of Object.entries({ embedded: "embedded", postgres: postgres.url })) {
  if (process.argv[2] && process.argv[2] !== kind) continue;
  process.env.REKEY_TEST_DATABASE = database;
  await measure(kind);
}
await postgres.stop();

async function measure(kind: string): Promise<void> {
  const port = await freePort();
  const environment = { ...(await emptyEnvironment()), PORT: String(port), LOG_LEVEL: "error" };
  const base = `http://localhost:${port}`;
  await fill(environment, base);
  const program = await startProgram(environment);
  const browsers = new Map<number, string>();
  for (let person = 0; person < PEOPLE; person += 1) await signIn(base, person, browsers);
  const shares: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const hashes = await perSecond(HASHING_MS, availableParallelism(), () => hashPassword(PASSWORD));
    const health = new AbortController();
    const watched = watchHealth(base, health.signal);
    let next = 0;
    const signIns = await perSecond(SIGNING_IN_MS, AT_ONCE, () => signIn(base, next++ % PEOPLE, browsers));
    health.abort();
    waits.push(...(await watched));
    shares.push(signIns / hashes);
    say(`${kind}: round ${round + 1}: ${signIns.toFixed(0)} sign-ins/s, ${hashes.toFixed(0)} hashes/s`);
  }
  say(`${kind}: sign-ins / hashes ${middle(shares).toFixed(2)} (wanted: at least ${LEAST_SHARE})`);
  const p99 = waits.toSorted((one, other) => one - other).at(Math.floor(waits.length * 0.99)) ?? Number.NaN;
  say(`${kind}: health check p99 ${p99.toFixed(0)} ms of ${waits.length} (wanted: under ${MOST_HEALTH_MS})`);
  await program.stop("SIGTERM");
}

/** An instance with people whose password is known. */
async function fill(environment: Readonly<Record<string, string>>, origin: string): Promise<void> {
  const foundation = await layFoundation(readConfig(environment));
  const owner = { email: "ada@oak.example", firstName: "Ada", lastName: "Okafor" };
  const { instance } = await createInstance(foundation.deps, {
    name: "Oak Recovery",
    origin,
    owner,
  });
  const hash = await hashPassword(PASSWORD);
  const people = Array.from({ length: PEOPLE }, (_, person) => `p${person}@oak.example,Kim,Nguyen${person},"${hash}"`);
  const content = [Buffer.from(["Email Address,First Name,Last Name,Password Hash", ...people].join("\n"))];
  await importUsers(foundation.deps, { instance, actor: OPERATOR, request: undefined }, { content, invite: false });
  await foundation.close();
}

/** The person signs in from the browser that they used before. */
async function signIn(base: string, person: number, browsers: Map<number, string>): Promise<void> {
  const body = JSON.stringify({ identifier: `p${person}@oak.example`, password: PASSWORD });
  const known = browsers.get(person);
  const { status, cookies } = await call(base, "/api/v1/session", {
    body,
    headers: { "content-type": "application/json", ...(known && { cookie: known }) },
  });
  if (status !== 200) stop(`a sign-in was answered ${status}`);
  const browser = cookies.find((cookie) => cookie.startsWith("rekey-browser="));
  browsers.set(person, browser?.split(";")[0] ?? stop("the browser was given no name"));
}

async function watchHealth(base: string, signal: AbortSignal): Promise<readonly number[]> {
  const waits: number[] = [];
  while (!signal.aborted) {
    const startedAt = performance.now();
    const { status } = await call(base, "/healthz");
    if (status !== 200) stop(`the health check was answered ${status}`);
    waits.push(performance.now() - startedAt);
    await pause(HEALTH_EVERY_MS);
  }
  return waits;
}

interface Call {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call(base: string, path: string, { body, headers }: Call = {}) {
  const outgoing = send(new URL(path, base), {
    agent,
    method: body ? "POST" : "GET",
    headers,
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.on("response", resolve).on("error", reject).end(body);
  const response = await promise;
  await text(response);
  return { status: response.statusCode, cookies: response.headers["set-cookie"] ?? [] };
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

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function stop(why: string): never {
  throw new Error(why);
}
