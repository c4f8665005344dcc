import { type RawBuilder, sql, type Transaction } from "kysely";
import pg from "pg";

import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Changes } from "./changes.ts";
import { type OneMessage, runTogether } from "./one-message.ts";
import { asRefusal, isConnectionFailure } from "./as-refusal.ts";
import { openTransactions, sendAlong } from "./transaction.ts";
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

/** How much waits in a queue, of all instances together. */
export interface Waiting {
  readonly queue: Queue;
  readonly count: number;
  /** Of them, those whose time has come and that nobody has claimed. */
  readonly dueCount: number;
  /** Of the one that came first. */
  readonly oldestId: string | null;
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
  /**
   * Runs one statement as `inInstance` would, with a single way there and back: for what is done for every mail. A value that
   * the statement neither compares with a column nor assigns to one needs its type said.
   * @param onSent called as soon as the end of this program can no longer undo it, unless it was done before that was known.
   * @returns its rows.
   */
  runInInstance<Row>(instanceId: string, statement: RawBuilder<Row>, onSent?: () => void): Promise<readonly Row[]>;
  /** Door: reads the table of instances, with a single way there and back: for what is done at every request. @returns the statement's rows. */
  readInstances<Row>(statement: RawBuilder<Row>): Promise<readonly Row[]>;
  /** Door: reads and writes the table of instances, and may then enter the one that it made. */
  onInstances<T>(work: (tx: InstancesTx, enter: Enter) => Promise<T>): Promise<T>;
  /** Door: claims up to `limit` due rows of any instance for `leaseMs`; unless they are settled they fall due again after it. */
  claim(queue: Queue, now: Date, options: { limit: number; leaseMs: number }): Promise<readonly Claim[]>;
  /** Door: those of the claims that nobody settled or claimed anew are held until then. @returns their ids. */
  hold(queue: Queue, claims: readonly Claim[], until: Date): Promise<readonly string[]>;
  /** Door: counts what waits in each queue. */
  countWaiting(now: Date): Promise<readonly Waiting[]>;
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

/** Settings of the server, by name, that hold for one transaction. */
export type Settings = Readonly<Record<string, string>>;

interface Behind {
  readonly keyring: Keyring;
  readonly changes: Changes;
  /** With which every transaction begins. */
  readonly limits: Settings;
  /** Whether a connection leads to the same process of the server for as long as it lasts, which keeps what is prepared. */
  readonly isDirect: boolean;
  readonly closePool: () => Promise<void>;
}

/** Puts the wall around a connection pool. */
export function walledDatabase(pool: pg.Pool, { keyring, changes, limits, isDirect, closePool }: Behind): Database {
  const transact = openTransactions(pool, { isDirect });

  /** Begins with these settings, in one message. */
  async function transaction<T>(settings: Settings, work: (tx: Transaction<InstanceTables>) => Promise<T>): Promise<T> {
    try {
      return await transact(setting({ ...limits, ...settings }), work);
    } catch (error) {
      throw asRefusal(error);
    }
  }

  const run = <Row>(settings: Settings, statement: RawBuilder<Row>, onSent?: () => void): Promise<readonly Row[]> =>
    runOne(pool, { settings: setting({ ...limits, ...settings }), statement, onSent });

  const withKeys = (tx: Transaction<InstanceTables>): Tx => Object.assign(tx, { keyring });

  return {
    inInstance: (instanceId, work) => transaction(asInstance(instanceId), (tx) => work(withKeys(tx))),
    runInInstance: (instanceId, statement, onSent) => run(asInstance(instanceId), statement, onSent),
    readInstances: (statement) => run({}, statement),
    onInstances: (work) =>
      transaction({}, (tx) =>
        work(tx as unknown as InstancesTx, async (instanceId) => {
          for (const statement of setting(asInstance(instanceId))) await sendAlong(tx, sql.raw(statement));
          return withKeys(tx);
        }),
      ),
    claim: (queue, now, options) => run(AS_WORKER, claimOf(queue, now, options)),
    hold: async (queue, claims, until) => {
      if (claims.length === 0) return [];
      return (await run(AS_WORKER, holdOf(queue, claims, until))).map(({ id }) => id);
    },
    countWaiting: (now) => run(AS_WORKER, waitingAt(now)),
    findUnsealed: async (now) => (await run(AS_WORKER, unsealedAt(now))).map(({ id }) => id),
    onChange: changes.onChange,
    ping: async () => {
      await transaction({}, (tx) => sql`select 1`.execute(tx));
    },
    close: async () => {
      await pool.end();
      await closePool();
    },
  };
}

async function runOne<Row>(pool: pg.Pool, message: OneMessage<Row>): Promise<readonly Row[]> {
  let client: pg.PoolClient | undefined;
  let isLost = false;
  try {
    client = await pool.connect();
    return await runTogether(client, message);
  } catch (error) {
    isLost = isConnectionFailure(error);
    throw asRefusal(error);
  } finally {
    client?.release(isLost);
  }
}

/**
 * From here on the transaction works as a role that row-level security keeps within the instance. Each statement is planned for
 * its own values: a plan for any values uses no partial index, and cannot even be made where a conflict is found by one.
 */
function asInstance(instanceId: string): Settings {
  return { role: "rekey_app", "rekey.instance_id": instanceId, plan_cache_mode: "force_custom_plan" };
}

const AS_WORKER: Settings = { role: "rekey_worker" };

/** @returns the statement that makes the settings until the transaction ends; none where there is nothing to set. */
function setting(settings: Settings): readonly string[] {
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`,
  );
  return calls.length === 0 ? [] : [`select ${calls.join(", ")}`];
}

function claimOf(queue: Queue, now: Date, { limit, leaseMs }: { limit: number; leaseMs: number }): RawBuilder<Claim> {
  const { table, waits } = QUEUES[queue];
  const due = sql`${waits} and next_attempt_at <= ${now}`;
  return sql`
    update ${sql.table(table)} set next_attempt_at = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1
    where (instance_id, id) in (
      ${queue === "jobs" ? byTurns(due) : sql`select instance_id, id from emails where ${due} order by next_attempt_at`}
      limit ${limit} for update of ${sql.table(table)} skip locked)
    returning instance_id as "instanceId", id, attempts as attempt`;
}

/** The first of each source before the second of any: whoever asks a thousand times waits behind themselves. */
function byTurns(due: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select instance_id, id from jobs join (
      select instance_id, id, row_number() over (partition by instance_id, source order by next_attempt_at) as turn
      from jobs where ${due}) as line using (instance_id, id)
    where ${due} order by turn, next_attempt_at`;
}

function holdOf(queue: Queue, claims: readonly Claim[], until: Date): RawBuilder<{ id: string }> {
  const { table, waits } = QUEUES[queue];
  const held = sql`unnest(${claims.map((claim) => claim.instanceId)}::uuid[], ${claims.map(({ id }) => id)}::uuid[],
    ${claims.map(({ attempt }) => attempt)}::integer[])`;
  return sql`update ${sql.table(table)} set next_attempt_at = ${until}
    where ${waits} and (instance_id, id, attempts) in (select * from ${held}) returning id`;
}

function waitingAt(now: Date): RawBuilder<Waiting> {
  const counts = Object.entries(QUEUES).map(
    ([queue, { table, waits }]) => sql`
      select ${queue}::text as queue, count(*)::int as count,
        count(*) filter (where next_attempt_at <= ${now})::int as "dueCount", min(id::text) as "oldestId"
      from ${sql.table(table)} where ${waits}`,
  );
  return sql`${sql.join(counts, sql` union all `)}`;
}

function unsealedAt(now: Date): RawBuilder<{ id: string }> {
  return sql`select distinct instance_id as id from unsealed_audit_events where next_attempt_at <= ${now}`;
}
