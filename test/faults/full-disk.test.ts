import assert from "node:assert/strict";
import { globSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, suite, test } from "node:test";

import { sql } from "kysely";

import { readConfig } from "../../src/config.ts";
import { layFoundation } from "../../src/foundation.ts";
import { type Answer, CookieJar, request, type RequestOptions } from "../support/http.ts";
import { asSuperuser } from "../support/postgres.ts";
import { emptyEnvironment, type Program, runCommandLine, startProgram } from "../support/program.ts";
import { codeOf } from "../support/reset-link.ts";
import { SmallDisk } from "../support/small-disk.ts";

type Environment = Readonly<Record<string, string>>;

const isEmbedded = (process.env.REKEY_TEST_DATABASE ?? "embedded") === "embedded";
const OWNER = { identifier: "owner@localhost", password: "amber compass willow station" };
/** The embedded database needs about 40 MB before anybody uses it. */
const TOO_SMALL_MB = 24;
const ENOUGH_MB = 96;
const FULL = /^(The disk is full\. Free some space and start again|.* Is the disk full)/;
const MEGABYTE = 1024 * 1024;
/** More users than fit into what is free anywhere. */
const MANY = 1000;

const disk = SmallDisk.mount(isEmbedded ? TOO_SMALL_MB : ENOUGH_MB);

suite("A full disk", { skip: !disk && "this user may not mount a disk that is small enough to fill" }, () => {
  assert(disk);
  let environment: Environment = {};
  before(async () => {
    environment = await environmentOn(disk);
  });
  after(async () => {
    if (!isEmbedded) await dropDatabase(environment);
    disk.remove();
  });

  test("on which the database has no room is told in a sentence, and does no harm to the next start", {
    skip: !isEmbedded && "a PostgreSQL that is there has its room",
  }, async () => {
    await requireSentence(await startProgram(environment), FULL);
    disk.grow(ENOUGH_MB);
  });

  test("that leaves no room for the first instance is told in a sentence, and the next start makes it with its Owner", async () => {
    assert.equal((await runCommandLine(environment, ["migrate"])).exitCode, 0);
    // PostgreSQL writes this anew for the first connection that misses it, and has no better words when it cannot.
    if (!isEmbedded) for (const file of globSync(`${disk.directory}/**/pg_internal.init`)) rmSync(file);
    disk.fill();
    await requireSentence(await startProgram(environment), FULL);
    disk.clear();
    const program = await startProgram(environment);
    await signIn(program);
    await program.stop("SIGTERM");
  });

  test("refuses what has to be written with 503, shows what is there, loses nothing, and is forgotten with room", async () => {
    const program = await startProgram(environment);
    const cookies = await signIn(program);
    const made = await emailsIn(program, cookies);
    disk.fill();
    const refused = await createUntilRefused(program, cookies, made);
    assert.equal(refused.answer.status, 503, refused.answer.text);
    assert.equal(codeOf(refused.answer), "disk_full");
    assert.equal(refused.answer.headers["content-type"], "application/problem+json");
    assert.match(String(refused.answer.headers["retry-after"]), /^\d+$/);
    assert.deepEqual(await emailsIn(program, cookies), made);

    disk.clear();
    assert.equal((await create(program, cookies, refused.email)).status, 201, "the same request is done now");
    made.add(refused.email);
    assert.deepEqual(await emailsIn(program, cookies), made);
    await program.stop("SIGKILL");
    const second = await startProgram(environment);
    assert.deepEqual(await emailsIn(second, cookies), made);
    await second.stop("SIGTERM");
  });

  test("on which the embedded database cannot write its log ends the program with a sentence, and nothing confirmed is lost", {
    skip: !isEmbedded && "PostgreSQL starts anew by itself",
  }, async () => {
    const log = await nearlyFillLog(environment);
    const program = await startProgram(environment);
    removeLogsAfter(log, environment);
    const cookies = await signIn(program);
    const made = await emailsIn(program, cookies);
    disk.fill(4 * MEGABYTE);
    await assert.rejects(createUntilRefused(program, cookies, made), /ECONNRESET|ECONNREFUSED|socket hang up/);
    await requireEnd(program, /^The embedded database in .* could not go on\. Is the disk full/);

    disk.fill();
    await requireSentence(await startProgram(environment), FULL);
    disk.clear();
    const second = await startProgram(environment);
    assert(made.isSubsetOf(await emailsIn(second, cookies)));
    assert.equal((await create(second, cookies, "last@oak.example")).status, 201);
    await second.stop("SIGTERM");
  });
});

/** The embedded database lies on the small disk; of PostgreSQL the tables do. */
async function environmentOn(small: SmallDisk): Promise<Environment> {
  const empty = { ...(await emptyEnvironment()), REKEY_OWNER_PASSWORD: OWNER.password, LOG_LEVEL: "silent" };
  if (isEmbedded) return { ...empty, REKEY_DATA_DIR: path.join(small.directory, "data") };
  await asSuperuser(async (client) => {
    small.giveToOwnerOf(path.join(process.env.REKEY_TEST_DATABASE_DIR ?? "", "data"));
    await client.query(`create tablespace small location '${small.directory}'`);
    await client.query(`alter database ${nameOf(empty)} set tablespace small`);
  });
  return empty;
}

async function dropDatabase(environment: Environment): Promise<void> {
  await asSuperuser(async (client) => {
    await client.query(`drop database ${nameOf(environment)} with (force)`);
    await client.query("drop tablespace small");
  });
}

function nameOf(environment: Environment): string {
  return new URL(environment["DATABASE_URL"] ?? "").pathname.slice(1);
}

/** The database's log has half a megabyte left in its file. @returns the name of the file. */
async function nearlyFillLog(environment: Environment): Promise<string> {
  const { deps, close } = await layFoundation(readConfig(environment));
  const { rows } = await deps.db.onInstances(async (tx) => {
    const size = sql`pg_size_bytes(current_setting('wal_segment_size'))`;
    const rest = sql`(${size} - mod(pg_current_wal_insert_lsn() - '0/0', ${size}) - ${MEGABYTE / 2}::int)::int`;
    await sql`select pg_logical_emit_message(false, 'filler', repeat('x', ${rest}))`.execute(tx);
    return sql<{ file: string }>`select pg_walfile_name(pg_current_wal_insert_lsn()) as file`.execute(tx);
  });
  await close();
  return rows[0]?.file ?? "";
}

/** The database has to make the next file of its log when it needs it: what lay ready is gone. */
function removeLogsAfter(file: string, environment: Environment): void {
  const directory = path.join(environment["REKEY_DATA_DIR"] ?? "", "database", "pg_wal");
  const later = readdirSync(directory).filter((name) => /^[\dA-F]{24}$/.test(name) && name > file);
  for (const name of later) rmSync(path.join(directory, name));
}

/** Users are made until one cannot be. @param made gets those that were confirmed. */
async function createUntilRefused(
  program: Program,
  cookies: CookieJar,
  made: Set<string>,
): Promise<{ email: string; answer: Answer }> {
  for (let number = 1; number <= MANY; number += 1) {
    const email = `person${number}-${program.pid}@oak.example`;
    const answer = await create(program, cookies, email);
    if (answer.status !== 201) return { email, answer };
    made.add(email);
  }
  return assert.fail("the disk is not full");
}

function create(program: Program, cookies: CookieJar, email: string): Promise<Answer> {
  const json = { email, first_name: "Maria", last_name: "Gonzalez", role: "member" };
  return ask(program, "/users", { json, cookies });
}

async function signIn(program: Program): Promise<CookieJar> {
  const cookies = new CookieJar();
  const answer = await ask(program, "/session", { json: OWNER, cookies });
  assert.equal(answer.status, 200, answer.text);
  return cookies;
}

async function emailsIn(program: Program, cookies: CookieJar): Promise<Set<string>> {
  const answer = await ask(program, "/users?limit=200", { cookies });
  assert.equal(answer.status, 200, answer.text);
  const { items, next_cursor: next } = answer.json() as { items: { email: string }[]; next_cursor: string | null };
  assert.equal(next, null);
  return new Set(items.map(({ email }) => email));
}

function ask(program: Program, target: string, options: RequestOptions): Promise<Answer> {
  const { host, port } = new URL(program.origin ?? "");
  const headers = { "sec-fetch-site": "same-origin" };
  return request(`http://127.0.0.1:${port}`, `/api/v1${target}`, { host, headers, ...options });
}

async function requireSentence(program: Program, sentence: RegExp): Promise<void> {
  assert.equal(program.origin, undefined, "it must not get ready");
  await requireEnd(program, sentence);
}

async function requireEnd(program: Program, sentence: RegExp): Promise<void> {
  assert.equal(await program.ended(), 1, program.stderr());
  assert.match(program.stderr(), sentence);
  assert.equal(program.stderr().trimEnd().split("\n").length, 1, program.stderr());
}
