import { mkdirSync } from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";

import pg from "pg";

import { OperatorError } from "#lib/operator-error.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Log } from "#platform/log.ts";
import { type ChangeListeners, hearOn, hearOnPostgres, openListeners } from "./changes.ts";
import { type Database, type Settings, walledDatabase } from "./database.ts";
import { EmbeddedSocket } from "./embedded-socket.ts";
import { migrate } from "./migrate.ts";

/** How long a query waits for a free connection before the caller is told that the database does not answer. */
const CONNECTION_TIMEOUT_MS = 10_000;
const POSTGRES_CONNECTIONS = 20;
const LONGEST_STATEMENT_MS = 30_000;

/**
 * A server that vanished, or a peer that froze while it held a lock, must not keep anybody waiting for ever. Set anew in each
 * transaction: a pooler of transactions refuses a connection that begins with settings, and loses those that are made later.
 */
const LIMITS: Settings = {
  statement_timeout: String(LONGEST_STATEMENT_MS),
  lock_timeout: "10000",
  idle_in_transaction_session_timeout: String(LONGEST_STATEMENT_MS),
};

/** @returns where the files of the embedded database lie. */
export function databaseDirOf(dataDir: string): string {
  return path.join(dataDir, "database");
}

/**
 * Opens the database, brings its schema up to date, and puts the wall around it.
 * @param databaseUrl a PostgreSQL to connect to; undefined opens the embedded database in `dataDir`, whose lock the caller holds.
 * @throws OperatorError when it cannot be reached, is too old, or may not be migrated.
 */
export async function openDatabase(options: {
  databaseUrl: string | undefined;
  dataDir: string;
  keyring: Keyring;
  log: Log;
}): Promise<Database> {
  const listeners = openListeners();
  const { pool, advice, limits, findWhetherDirect, hear, close } = options.databaseUrl
    ? connect(options.databaseUrl, options.log, listeners)
    : await openEmbedded(databaseDirOf(options.dataDir), listeners);
  try {
    await migrate(pool, advice);
    const isDirect = await findWhetherDirect();
    if (!isDirect) options.log.info("PostgreSQL is reached through a pooler of transactions");
    const deafen = hear();
    const closePool = async (): Promise<void> => {
      await deafen();
      await close();
    };
    return walledDatabase(pool, { keyring: options.keyring, changes: listeners, limits, isDirect, closePool });
  } catch (error) {
    await pool.end();
    await close();
    throw error;
  }
}

/** A pool of connections, what begins to hear of changes and gives what ends that, and what closes what is behind the pool. */
interface Connections {
  readonly pool: pg.Pool;
  /** What to do where it does not answer. */
  readonly advice: string;
  readonly limits: Settings;
  readonly findWhetherDirect: () => Promise<boolean>;
  readonly hear: () => () => Promise<void>;
  readonly close: () => Promise<void>;
}

function connect(databaseUrl: string, log: Log, listeners: ChangeListeners): Connections {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: POSTGRES_CONNECTIONS,
    pipeline: true,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    application_name: "rekey",
    keepAlive: true,
    query_timeout: LONGEST_STATEMENT_MS + 5_000,
  });
  // Without a listener, a connection that the server resets would end the process, be it idle or between two statements.
  pool.on("connect", (client) => {
    client.on("error", (error) => log.warn("a database connection was lost", { error: error.message }));
  });
  pool.on("error", () => {});
  return {
    pool,
    advice: "Check DATABASE_URL and that the server runs.",
    limits: LIMITS,
    findWhetherDirect: () => leadsToOneProcess(pool),
    hear: () => hearOnPostgres(databaseUrl, listeners, log),
    close: async () => {},
  };
}

/**
 * @returns whether a connection is one process of the server for as long as it lasts. A pooler of transactions, which gives
 *   it another for each, cannot name one when the connection begins (PostgreSQL, "Message Flow", BackendKeyData).
 */
async function leadsToOneProcess(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    return "processID" in client && client.processID === rows[0]?.pid;
  } finally {
    client.release();
  }
}

/** PGlite speaks to node-postgres over one connection; nothing else may open the directory meanwhile. */
async function openEmbedded(directory: string, listeners: ChangeListeners): Promise<Connections> {
  const { PGlite } = await import("@electric-sql/pglite");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pglite = await PGlite.create(directory).catch((error: unknown) => {
    throw new OperatorError(
      `The embedded database in ${directory} could not be opened. Is the disk full, or does the directory belong to somebody else?`,
      error,
    );
  });
  pglite.Module.onAbort = () => endProgram(directory);
  const pool = new YieldingPool({
    stream: () => new EmbeddedSocket(pglite),
    user: "postgres",
    database: "postgres",
    max: 1,
    pipeline: true,
    // There is one session, which would begin anew with another connection.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
  });
  // Whoever asked is told of an error; without a listener, idle or not, it would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    // The one connection that there is hears what it tells.
    void hearOn(client, listeners).catch(() => {});
  });
  return {
    pool,
    advice: "Is the disk full?",
    limits: {},
    findWhetherDirect: async () => true,
    hear: () => async () => {},
    close: () => pglite.close(),
  };
}

/**
 * The embedded database works in this thread and answers without ever leaving it, so that one transaction after another would
 * keep the program from hearing anybody for as long as there are any. Each lets in who is waiting, first.
 */
class YieldingPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    return callback ? super.connect(callback) : super.connect().then((client) => setImmediate(client));
  }
}

type ConnectCallback = Parameters<pg.Pool["connect"]>[0];

/**
 * PostgreSQL gives up when it cannot write its log, which a full disk does to it sooner or later. PGlite does not notice: it
 * would never answer again and soon spin for ever, beyond the reach of any signal but SIGKILL. A new start repairs everything.
 */
function endProgram(directory: string): void {
  process.stderr.write(
    `The embedded database in ${directory} could not go on. Is the disk full? Free some space and start again; nothing was lost.\n`,
  );
  process.exit(1);
}
