import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { sql } from "kysely";

import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { holdUser } from "../../../test/support/held-user.ts";
import { times } from "../../../test/support/numbers.ts";
import { codeOf } from "../../../test/support/reset-link.ts";
import { testRekey, type TestUser } from "../../../test/support/rekey.ts";

const rekey = await testRekey();
const { db } = rekey.deps;

const LOCK_LIMIT_MS = 10 * SECOND_MS;
const isEmbedded = rekey.shareable === undefined;
const isQuick = times({ quick: 0, full: 1 }) === 0;

suite("PostgreSQL that does not answer in time", {
  skip: isEmbedded && "the embedded database has one connection",
}, () => {
  test("a row that somebody else holds is waited for ten seconds, and nobody else waits", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const admin = await oak.asOwner();
    const send = (user: TestUser) => oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: admin });
    const held = await holdUser(rekey, oak, maria);
    try {
      const startedAt = performance.now();
      const refused = send(maria);
      assert.equal((await send(await oak.addUser())).status, 202, "another person is sent a link meanwhile");
      assert(performance.now() - startedAt < LOCK_LIMIT_MS / 2, "which has to wait for nobody");
      const { status, headers } = await refused;
      const waitedMs = performance.now() - startedAt;
      assert.deepEqual([status, codeOf(await refused)], [503, "unavailable"]);
      assert.match(String(headers["retry-after"]), /^\d+$/);
      assert(waitedMs > LOCK_LIMIT_MS * 0.9 && waitedMs < LOCK_LIMIT_MS * 1.3, `waited ${waitedMs} ms`);
    } finally {
      await held.letGo();
    }
    assert.equal((await send(maria)).status, 202);
    await oak.mailTo(maria.email);
  });

  test("a statement or a transaction that lasts too long is ended, and the next one is done", async () => {
    const limits = await db.onInstances(async (tx) => {
      const { rows } = await sql<{ statement: string; idle: string }>`
        select current_setting('statement_timeout') as statement,
          current_setting('idle_in_transaction_session_timeout') as idle`.execute(tx);
      return rows[0];
    });
    assert.deepEqual(limits, { statement: "30s", idle: "30s" });
    const slow = db.onInstances(async (tx) => {
      await sql`set local statement_timeout = 100`.execute(tx);
      await sql`select pg_sleep(10)`.execute(tx);
    });
    await assert.rejects(slow, isUnavailable);
    const idle = db.onInstances(async (tx) => {
      await sql`set local idle_in_transaction_session_timeout = 100`.execute(tx);
      await pause(300);
      await sql`select 1`.execute(tx);
    });
    await assert.rejects(idle, isUnavailable);
    await db.ping();
  });

  test("a server that freezes is given up", { skip: isQuick && "takes over a minute" }, async () => {
    const startedAt = performance.now();
    let frozen = 0;
    const given = db.onInstances(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      frozen = rows[0]?.pid ?? 0;
      process.kill(frozen, "SIGSTOP");
      await sql`select 1`.execute(tx);
    });
    try {
      await assert.rejects(given, isUnavailable);
      assert(performance.now() - startedAt < 1.5 * MINUTE_MS);
      await db.ping();
    } finally {
      process.kill(frozen, "SIGCONT");
    }
    await db.ping();
  });
});

function isUnavailable(error: unknown): boolean {
  assert(error instanceof RekeyError, String(error));
  return error.code === "unavailable";
}
