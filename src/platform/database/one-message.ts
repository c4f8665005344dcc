import { Socket } from "node:net";

import { createQueryId, PostgresQueryCompiler, type RawBuilder } from "kysely";
import pg from "pg";

/*
 * Statements that stand in one message of the simple protocol are one transaction: all of them are done or none, and the
 * answer comes after the commit (PostgreSQL, "Message Flow", section "Multiple Statements in a Simple Query"). Where a
 * transaction is one statement, that spares three of four ways there and back.
 */

/**
 * @param of.onSent called once the message has left this program: a server does what it was sent even if the program ends at
 *   that moment. Not called where that cannot be known, as with the embedded database, which ends with the program.
 * @returns the last statement's rows, once all are committed.
 */
export async function runTogether<Row>(
  client: pg.ClientBase,
  of: { settings: string; statement: RawBuilder<Row>; onSent?: (() => void) | undefined },
): Promise<readonly Row[]> {
  const text = `${of.settings}; ${textOf(of.statement)}`;
  const socket = socketOf(client);
  const writtenBefore = socket?.bytesWritten ?? 0;
  const answer: Promise<unknown> = client.query(text);
  if (socket && hasLeft(socket, writtenBefore + text.length)) of.onSent?.();
  const results = (await answer) as readonly pg.QueryResult<Row & pg.QueryResultRow>[];
  return results.at(-1)?.rows ?? [];
}

function socketOf(client: pg.ClientBase): Socket | undefined {
  const { stream } = (client as unknown as { connection: pg.Connection }).connection;
  return stream instanceof Socket ? stream : undefined;
}

/** What a socket no longer holds is with the system, which sends it on whatever becomes of the program. */
function hasLeft(socket: Socket, bytes: number): boolean {
  return socket.writableLength === 0 && socket.bytesWritten >= bytes;
}

/** @returns the statement with its values in its text, since such a message has no other place for them. */
function textOf(statement: RawBuilder<unknown>): string {
  return new LiteralCompiler().compileQuery(statement.toOperationNode(), createQueryId()).sql;
}

class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    this.append(literalOf(value));
  }
}

/** @throws TypeError for what nobody has thought of: no value comes into a statement unescaped. */
function literalOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  if (typeof value === "string") return pg.escapeLiteral(value);
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  if (Array.isArray(value)) return `array[${value.map(literalOf).join(", ")}]`;
  throw new TypeError(`a ${typeof value} has no literal`);
}
