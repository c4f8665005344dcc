import pg from "pg";

type Query = (this: pg.Client, asked: string | pg.QueryConfig, values?: readonly unknown[]) => Promise<unknown>;

/** What goes wrong with one statement, at the driver and beneath everything of ours. */
type DriverFault = (client: pg.Client, run: () => Promise<unknown>) => Promise<unknown>;

const isEmbedded = (process.env.REKEY_TEST_DATABASE ?? "embedded") === "embedded";
const query = pg.Client.prototype.query as unknown as Query;

export const DRIVER_FAULTS: Readonly<Record<string, DriverFault>> = {
  "an exception": raise("P0001"),
  "a full disk": raise("53100"),
  "an aborted transaction": raise("40001"),
  "a killed connection": isEmbedded
    ? raise("57P01") // It has one connection, within the process, which nobody can kill.
    : (client) => query.call(client, "select pg_terminate_backend(pg_backend_pid())"),
  "a connection that is lost with the answer": async (client, run) => {
    await run();
    if (!isEmbedded) (client as unknown as { connection: pg.Connection }).connection.stream.destroy();
    throw new Error("Connection terminated unexpectedly");
  },
};

/** The database itself refuses the statement, so that the transaction is aborted there, too. */
function raise(code: string): DriverFault {
  const statement = `do $$ begin raise exception 'a fault of the test' using errcode = '${code}'; end $$`;
  return (client) => query.call(client, statement);
}

/** How the worker's own transactions begin: a fault that strikes there has missed what a request does. */
const WORKERS = /^\s*with settled as|^update "emails"|^delete from "jobs"|^select \* from "instances"/;

interface Plan {
  readonly instanceId: string;
  /** Which statement of the requests' transactions goes wrong, counted from 1, the commits included; 0 for none. */
  readonly statement: number;
  readonly fault: DriverFault;
}

/** @returns whether the message ends the transaction, with what is sent along with the end or without. */
export function isCommit(text: string): boolean {
  return /(^|; )commit$/.test(text);
}

/** The work has been done while one statement went wrong. @returns what it gave, and the statements that it came to. */
export async function withDriverFault<T>(
  { instanceId, statement, fault }: Plan,
  work: () => Promise<T>,
): Promise<{ result: T; statements: readonly string[] }> {
  const entered = new WeakSet<pg.Client>();
  const inside = new WeakSet<pg.Client>();
  const statements: string[] = [];
  const faulty: Query = function faulty(asked, values) {
    const run = (): Promise<unknown> => query.call(this, asked, values);
    const text = typeof asked === "string" ? asked : asked.text;
    if (entered.delete(this) && !WORKERS.test(text)) inside.add(this);
    if (text.startsWith("begin") && text.includes(instanceId)) entered.add(this);
    if (!inside.has(this)) return run();
    if (isCommit(text) || text === "rollback") inside.delete(this);
    if (text === "rollback") return run();
    statements.push(text);
    return statements.length === statement ? fault(this, run) : run();
  };
  pg.Client.prototype.query = faulty as unknown as typeof pg.Client.prototype.query;
  try {
    return { result: await work(), statements };
  } finally {
    pg.Client.prototype.query = query as unknown as typeof pg.Client.prototype.query;
  }
}
