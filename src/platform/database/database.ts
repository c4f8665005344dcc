import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import type { Pool } from "pg";

import { type ErrorCode, RekeyError } from "#lib/errors.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Changes } from "./changes.ts";
import type { InstancesTable, InstanceTables } from "./tables.ts";

/**
 * A transaction that sees the rows of one instance only. Whoever is given one never commits it. It brings the keys with which
 * what it records is marked, so that a row of the record that came in without the program is known by its mark.
 */
export type Tx = Transaction<InstanceTables> & { readonly keyring: Keyring };

/** A transaction on the one table that belongs to no instance. */
export type InstancesTx = Transaction<{ instances: InstancesTable }>;

/** From the table of instances into one of them, for the rest of the same transaction; there is no way back. */
export type Enter = (instanceId: string) => Promise<Tx>;

/** What workers claim from; mails to many wait in a queue of their own, so that a single one never waits behind them. */
export type Queue = "emails" | "bulk_emails" | "jobs";

/** A mail or job that a worker has claimed, with the attempt that the claim began. */
export interface Claim {
  readonly instanceId: string;
  readonly id: string;
  readonly attempt: number;
}

/**
 * The database behind its wall. Instance data is reached through `inInstance` and nothing else; the two doors beside it
 * reach the table of instances and what a worker needs to claim its work.
 */
export interface Database extends Changes {
  /**
   * Runs the work in one transaction as the role `rekey_app`, which row-level security keeps within the instance.
   * Commits when the work returns, rolls back when it throws. The embedded database has one connection: never wait for the
   * network inside, and pass `tx` on.
   * @throws unavailable when the database does not answer; nothing was changed then.
   */
  inInstance<T>(instanceId: string, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Door: reads and writes the table of instances, and may then enter the one that it made. */
  onInstances<T>(work: (tx: InstancesTx, enter: Enter) => Promise<T>): Promise<T>;
  /** Door: claims up to `limit` due rows of any instance for `leaseMs`; unless they are settled they fall due again after it. */
  claim(queue: Queue, now: Date, options: { limit: number; leaseMs: number }): Promise<readonly Claim[]>;
  /** Door: those of the claims that nobody settled or claimed anew are held until then. */
  hold(queue: Queue, claims: readonly Claim[], until: Date): Promise<void>;
  /** Door: the ids of instances in which it is time to seal audit events. */
  findUnsealed(now: Date): Promise<readonly string[]>;
  /** Answers when the database does. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** The table that holds each queue, and which of its rows wait. */
const QUEUES = {
  emails: { table: "emails", waits: sql`state = 'queued' and not is_bulk` },
  bulk_emails: { table: "emails", waits: sql`state = 'queued' and is_bulk` },
  jobs: { table: "jobs", waits: sql`true` },
} as const;

/** Puts the wall around a connection pool. */
export function walledDatabase(
  pool: Pool,
  { keyring, changes, closePool }: { keyring: Keyring; changes: Changes; closePool: () => Promise<void> },
): Database {
  const db = new Kysely<InstanceTables>({ dialect: new PostgresDialect({ pool }) });

  async function transaction<T>(work: (tx: Transaction<InstanceTables>) => Promise<T>): Promise<T> {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      throw asRefusal(error);
    }
  }

  const asWorker = <T>(work: (tx: Transaction<InstanceTables>) => Promise<T>): Promise<T> =>
    transaction(async (tx) => {
      await sql`select set_config('role', 'rekey_worker', true)`.execute(tx);
      return work(tx);
    });

  const enter = async (tx: Transaction<InstanceTables>, instanceId: string): Promise<Tx> => {
    await enterInstance(tx, instanceId);
    return Object.assign(tx, { keyring });
  };

  return {
    inInstance: (instanceId, work) => transaction(async (tx) => work(await enter(tx, instanceId))),
    onInstances: (work) =>
      transaction((tx) => work(tx as unknown as InstancesTx, (instanceId) => enter(tx, instanceId))),
    ...workersDoors(asWorker),
    onChange: changes.onChange,
    ping: async () => {
      await transaction((tx) => sql`select 1`.execute(tx));
    },
    close: async () => {
      await db.destroy();
      // Kysely ends the pool only if it ever asked it for a connection; what is left open would hold the process for a while.
      if (!pool.ending) await pool.end();
      await closePool();
    },
  };
}

/** What the worker reaches in all instances at once: that something is due, and nothing of what it says. */
function workersDoors(
  asWorker: <T>(work: (tx: Transaction<InstanceTables>) => Promise<T>) => Promise<T>,
): Pick<Database, "claim" | "hold" | "findUnsealed"> {
  return {
    claim: (queue, now, { limit, leaseMs }) =>
      asWorker(async (tx) => {
        const { table, waits } = QUEUES[queue];
        const claimed = await sql<Claim>`
          update ${sql.table(table)} set next_attempt_at = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1
          where (instance_id, id) in (
            select instance_id, id from ${sql.table(table)} where ${waits} and next_attempt_at <= ${now}
            order by next_attempt_at limit ${limit} for update skip locked)
          returning instance_id as "instanceId", id, attempts as attempt`.execute(tx);
        return claimed.rows;
      }),
    hold: (queue, claims, until) =>
      asWorker(async (tx) => {
        const { table, waits } = QUEUES[queue];
        const held = sql`unnest(${claims.map((claim) => claim.instanceId)}::uuid[], ${claims.map(({ id }) => id)}::uuid[],
          ${claims.map(({ attempt }) => attempt)}::integer[])`;
        await sql`update ${sql.table(table)} set next_attempt_at = ${until}
          where ${waits} and (instance_id, id, attempts) in (select * from ${held})`.execute(tx);
      }),
    findUnsealed: (now) =>
      asWorker(async (tx) => {
        const found = await sql<{ id: string }>`
          select distinct instance_id as id from unsealed_audit_events where next_attempt_at <= ${now}`.execute(tx);
        return found.rows.map(({ id }) => id);
      }),
  };
}

/** From here on the transaction works as a role that row-level security keeps within the instance. */
async function enterInstance(tx: Transaction<InstanceTables>, instanceId: string): Promise<void> {
  const role = sql`set_config('role', 'rekey_app', true)`;
  await sql`select ${role}, set_config('rekey.instance_id', ${instanceId}, true)`.execute(tx);
}

/** Rules that the database holds where two requests at once both found a name free; the second is refused in the same words. */
const UNIQUE_RULES: Readonly<Record<string, ErrorCode>> = {
  users_email_unique: "email_taken",
  users_username_unique: "username_taken",
  instances_host_unique: "origin_taken",
  instances_origin_unique: "origin_taken",
};

/** What the operator or time can mend is a refusal that says so; anything else is a defect and stays what it is. */
function asRefusal(error: unknown): unknown {
  if (codeOf(error) === "53100" || codeOf(error) === "ENOSPC")
    return new RekeyError("disk_full", { cause: error, retryAfterSeconds: 60 });
  const taken = UNIQUE_RULES[constraintOf(error)];
  if (taken) return new RekeyError(taken, { cause: error });
  return isConnectionFailure(error) ? new RekeyError("unavailable", { cause: error, retryAfterSeconds: 2 }) : error;
}

/** Connection lost or refused, server starting or stopping, too many clients, too long a wait for any of it (PostgreSQL, appendix A). */
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return (
    /^(08|57P0[123]|57014|55P03|25P03|53300)/.test(code) ||
    ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT"].includes(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Query read timeout|is not queryable/.test(
      error.message,
    )
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function constraintOf(error: unknown): string {
  return error instanceof Error && "constraint" in error ? String(error.constraint) : "";
}
