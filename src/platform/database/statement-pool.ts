import {
  CompiledQuery,
  type OperationNodeSource,
  type PostgresPool,
  type PostgresPoolClient,
  type Transaction,
} from "kysely";
import type pg from "pg";

import { textOf } from "./literal.ts";
import type { InstanceTables } from "./tables.ts";

/*
 * What a statement costs is mostly its way there and back, and its being parsed and planned. So one that has values has a name,
 * under which it is parsed once for each connection (PostgreSQL, "Message Flow", section "Extended Query"); and one that nobody
 * waits for is sent along with the next, in the same message where that has no values, or else just before it ("Pipelining").
 */

/** There are fewer, but for lists of many lengths; each is kept by every connection. */
const MOST_NAMES = 500;

/** Stands for the values of a statement that is sent along. */
const ALONG = Symbol("along");

const NOTHING = { command: "", rowCount: 0, rows: [] } as const;

/**
 * The statement is done in this transaction, before the next one and at the latest with the commit, which fails when it does.
 * For what gives nothing back that anybody waits for, and holds no secret: the server writes the text of what fails to its log.
 */
export async function sendAlong(tx: Transaction<InstanceTables>, statement: OperationNodeSource): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(textOf(statement), [ALONG]));
}

/**
 * @param of.isDirect off where something between us and the server hands each transaction to another of its processes, which
 *   does not know what was prepared in the one before.
 * @returns the pool as Kysely sees it.
 */
export function statementPool(pool: pg.Pool, { isDirect }: { isDirect: boolean }): PostgresPool {
  const names = new Map<string, string>();

  function nameOf(text: string): { name?: string } {
    const known = names.get(text);
    if (!isDirect || (known === undefined && names.size >= MOST_NAMES)) return {};
    const name = known ?? `rekey_${names.size + 1}`;
    names.set(text, name);
    return { name };
  }

  function wrap(client: pg.PoolClient): PostgresPoolClient {
    let along: string[] = [];
    let isStale = false;
    let isOver = false;

    async function query(text: string, values: readonly unknown[]): Promise<unknown> {
      // The connection is somebody else's by now.
      if (isOver) throw new Error("A statement came after the end of its transaction");
      if (values[0] === ALONG) {
        along.push(text);
        return NOTHING;
      }
      const before = along;
      along = [];
      if (text === "rollback" && before[0]?.startsWith("begin")) return NOTHING; // None of it was ever sent.
      if (text === "rollback") return client.query(text);
      if (values.length === 0) return last(await client.query([...before, text].join("; ")));
      const asked = () => client.query({ text, values: [...values], ...nameOf(text) });
      if (before.length === 0) return asked();
      const [, answer] = await Promise.all([client.query(before.join("; ")), asked()]);
      return answer;
    }

    const watched = (text: string, values: readonly unknown[]): Promise<unknown> =>
      query(text, values).catch((error: unknown) => {
        isStale ||= isStalePlan(error);
        throw error;
      });
    const release = (isLost?: boolean): void => {
      isOver = true;
      client.release(isLost === true || isStale);
    };
    return { query: watched as unknown as PostgresPoolClient["query"], release };
  }

  return { connect: async () => wrap(await pool.connect()), end: () => pool.end(), options: pool.options };
}

/** @returns the answer to the last of the statements of one message. */
function last(answer: pg.QueryResult | readonly pg.QueryResult[]): pg.QueryResult | undefined {
  return [answer].flat().at(-1);
}

/**
 * @returns whether the statement cannot be asked again on this connection, though on another one it can: a migration added a
 *   column to a table of which it gives all (PostgreSQL, `plancache.c`).
 */
export function isStalePlan(error: unknown): boolean {
  return error instanceof Error && "routine" in error && error.routine === "RevalidateCachedQuery";
}
