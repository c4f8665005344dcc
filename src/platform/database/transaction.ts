import {
  CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  DummyDriver,
  type OperationNodeSource,
  PostgresAdapter,
  PostgresDialect,
  PostgresQueryCompiler,
  type QueryResult,
  Transaction,
} from "kysely";
import type pg from "pg";

import { textOf } from "./literal.ts";
import { streamOf } from "./one-message.ts";
import type { InstanceTables } from "./tables.ts";

/*
 * What a statement costs is mostly its way there and back, and its being parsed and planned. So one that has values has a name,
 * under which it is parsed once for each connection (PostgreSQL, "Message Flow", section "Extended Query"); one that nobody waits
 * for is sent along with the next; and those that are asked for at once leave at once, in one piece ("Pipelining").
 */

/** There are fewer, but for lists of many lengths; each is kept by every connection. */
const MOST_NAMES = 500;

/** Stands for the values of a statement that is sent along. */
const ALONG = Symbol("along");

/** Commands whose answer says how many rows they changed. */
const CHANGING = new Set(["INSERT", "UPDATE", "DELETE"]);

/**
 * The statement is done in this transaction, before the next one and at the latest with the commit, which fails when it does.
 * For what gives nothing back that anybody waits for, and holds no secret: the server writes the text of what fails to its log.
 */
export async function sendAlong(tx: Transaction<InstanceTables>, statement: OperationNodeSource): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(textOf(statement), [ALONG]));
}

/** Does the work in a transaction that begins with these statements; commits when it returns, rolls back when it throws. */
export type Transact = <T>(
  first: readonly string[],
  work: (tx: Transaction<InstanceTables>) => Promise<T>,
) => Promise<T>;

/**
 * @returns what does work in transactions on connections of the pool.
 * @param of.isDirect off where something between us and the server hands each transaction to another of its processes, which
 *   does not know what was prepared in the one before.
 */
export function openTransactions(pool: pg.Pool, { isDirect }: { isDirect: boolean }): Transact {
  const names = new Map<string, string>();
  const compiler = new PostgresQueryCompiler();
  const adapter = new PostgresAdapter();
  const dialect = new PostgresDialect({ pool });
  const driver = new DummyDriver();

  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (!isDirect || (known === undefined && names.size >= MOST_NAMES)) return undefined;
    const name = known ?? `rekey_${names.size + 1}`;
    names.set(text, name);
    return name;
  }

  return async (first, work) => {
    const client = await pool.connect();
    const session = new TransactionSession(client, nameOf, first);
    const executor = new DefaultQueryExecutor(compiler, adapter, { provideConnection: (use) => use(session) });
    let isSpoilt = false;
    try {
      const result = await work(new Transaction({ config: { dialect }, dialect, driver, executor }));
      await session.commit();
      return result;
    } catch (error) {
      await session.rollback().catch(() => void (isSpoilt = true));
      isSpoilt ||= isStalePlan(session.failure);
      throw error;
    } finally {
      client.release(isSpoilt);
    }
  };
}

/** A connection for as long as one transaction lasts. */
class TransactionSession implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #nameOf: (text: string) => string | undefined;
  readonly #first: string;
  #along: string[] = [];
  #hasBegun = false;
  #isOver = false;
  #failure: unknown;

  constructor(client: pg.PoolClient, nameOf: (text: string) => string | undefined, first: readonly string[]) {
    this.#client = client;
    this.#nameOf = nameOf;
    this.#first = ["begin", ...first].join("; ");
  }

  /** Why the database refused the first of the statements that it refused; everything after it failed for that reason alone. */
  get failure(): unknown {
    return this.#failure;
  }

  async executeQuery<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    // What was asked for beside a statement that failed may come when the connection is already somebody else's.
    if (this.#isOver) throw new Error("A statement came after the end of its transaction");
    if (parameters[0] === ALONG) {
      this.#along.push(text);
      return { rows: [] };
    }
    const { command, rowCount, rows } = await this.#ask(text, parameters);
    return { rows: rows as Row[], ...(CHANGING.has(command) && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  streamQuery(): never {
    throw new Error("Rows are read in pages, not as a stream");
  }

  /** @throws what the database refused, though it was not heard of: a transaction in which something failed ends in a rollback. */
  async commit(): Promise<void> {
    this.#isOver = true;
    const { command } = last(await this.#send([...this.#takeFirst(), ...this.#takeAlong(), "commit"].join("; ")));
    if (command !== "COMMIT") throw this.#failure ?? new Error("The database did not commit");
  }

  async rollback(): Promise<void> {
    this.#isOver = true;
    if (this.#hasBegun) await this.#client.query("rollback");
  }

  async #ask(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    const [first, along] = [this.#takeFirst(), this.#takeAlong()];
    if (parameters.length === 0) return last(await this.#send([...first, ...along, text].join("; ")));
    const name = this.#nameOf(text);
    this.#leaveTogether();
    // Nothing that is sent along can keep the transaction from beginning: the statement would be done outside of it.
    const before = [first, along].filter(({ length }) => length > 0).map((texts) => this.#send(texts.join("; ")));
    const asked = this.#send({ text, values: [...parameters], ...(name !== undefined && { name }) });
    const [answer] = await Promise.all([asked, ...before]);
    return answer;
  }

  async #send(asked: string | pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(asked);
    } catch (error) {
      this.#failure ??= error;
      throw this.#failure;
    }
  }

  #takeFirst(): readonly string[] {
    const first = this.#hasBegun ? [] : [this.#first];
    this.#hasBegun = true;
    return first;
  }

  #takeAlong(): readonly string[] {
    const along = this.#along;
    this.#along = [];
    return along;
  }

  /** What is asked for until everybody who goes on now has done so is one piece for the system to send. */
  #leaveTogether(): void {
    const stream = streamOf(this.#client);
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
}

/** @returns the answer to the last of the statements of one message. */
function last(answer: pg.QueryResult | readonly pg.QueryResult[]): pg.QueryResult {
  const result = [answer].flat().at(-1);
  if (!result) throw new Error("a message is answered");
  return result;
}

/**
 * @returns whether the statement cannot be asked again on this connection, though on another one it can: a migration added a
 *   column to a table of which it gives all (PostgreSQL, `plancache.c`).
 */
export function isStalePlan(error: unknown): boolean {
  return error instanceof Error && "routine" in error && error.routine === "RevalidateCachedQuery";
}
