import { setTimeout as pause } from "node:timers/promises";

import { sql } from "kysely";

import { APPROVAL_END } from "#approvals/approval.ts";
import { AUDIT_HEAD } from "#audit-seals/mail-audit-head.tsx";
import { TICKET_WAIT } from "#tickets/await-recovery.ts";
import type { Database } from "#platform/database/database.ts";
import type { TestInstance, TestRekey } from "./rekey.ts";

/** One row as JSON: bytes as hexadecimal after `\x`, times as text. */
export type Row = Readonly<Record<string, unknown>>;

/** @returns the names of all tables that hold rows of instances, found in the database's own catalogue. */
export async function instanceTables(db: Database): Promise<readonly string[]> {
  return db.onInstances(async (tx) => {
    const { rows } = await sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
        and a.attname = 'instance_id' and not a.attisdropped order by c.relname`.execute(tx);
    return rows.map(({ name }) => name);
  });
}

/** @returns the instance's rows of one table, as they lie in the database. */
export async function rowsOf(of: TestInstance, table: string): Promise<readonly Row[]> {
  return of.deps.db.inInstance(of.instance.id, async (tx) => {
    const { rows } = await sql<{ row: Row }>`select to_jsonb(t) as row from ${sql.table(table)} t`.execute(tx);
    return rows.map(({ row }) => row);
  });
}

/** What is looked at later, whatever happens meanwhile. */
const LATER: ReadonlySet<unknown> = new Set<string>([APPROVAL_END, AUDIT_HEAD, TICKET_WAIT]);

/** @returns the jobs of the instance that wait, but for what is looked at later: the head of the record, what tickets wait for. */
export async function jobsOf(of: TestInstance): Promise<readonly Row[]> {
  return (await rowsOf(of, "jobs")).filter(({ kind }) => !LATER.has(kind));
}

/**
 * @returns everything that the database holds of the instance, one line a row, in an order that only a change changes. What
 *   the worker does about the record by itself, whenever it likes, is left out.
 */
export async function dumpOf(of: TestInstance): Promise<string> {
  const lines: string[] = [];
  for (const table of await instanceTables(of.deps.db)) {
    const rows = await rowsOf(of, table);
    if (SEALING.has(table)) continue;
    lines.push(
      ...rows
        .filter(({ kind }) => kind !== AUDIT_HEAD)
        .map((row) => `${table} ${JSON.stringify(row)}`)
        .toSorted(),
    );
  }
  return lines.join("\n");
}

const SEALING = new Set(["audit_seals", "unsealed_audit_events"]);

/** Every job of the instance is done and every mail settled. */
export async function untilIdle(of: TestInstance): Promise<void> {
  of.deps.wakeWorker(); // Some of it would wait until nobody can hear it in an answer.
  const deadline = AbortSignal.timeout(20_000);
  while (!(await isIdle(of))) {
    deadline.throwIfAborted();
    await pause(5);
  }
}

/** Time passes, and with them the waits between attempts at a mail, until everything of the instance is done. */
export async function passTimeUntilIdle(rekey: TestRekey, of: TestInstance): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while (!(await isIdle(of))) {
    deadline.throwIfAborted();
    rekey.clock.advance(15_000); // Less than a worker holds a mail that is under way.
    of.deps.wakeWorker();
    await pause(50);
  }
}

/** Nobody has tried anything lately, as far as the instance remembers: for tests of what each try alone comes to. */
export async function forgetLimits(of: TestInstance): Promise<void> {
  await of.deps.db.inInstance(of.instance.id, (tx) => tx.deleteFrom("rate_limits").execute());
}

/** @returns whether no job waits and no mail. Asked in one statement: a mail that is settled queues a job, and a job a mail. */
export async function isIdle(of: TestInstance): Promise<boolean> {
  return of.deps.db.inInstance(of.instance.id, async (tx) => {
    const { rows } = await sql`
      select from jobs where kind <> all(${[...LATER]}::text[])
      union all select from emails where state = 'queued' limit 1`.execute(tx);
    return rows.length === 0;
  });
}

/** @returns whether no job of the instance waits, whatever became of the mails that they queued. */
export async function areJobsDone(of: TestInstance): Promise<boolean> {
  return (await jobsOf(of)).length === 0;
}
