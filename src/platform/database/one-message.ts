import { Socket } from "node:net";
import type { Duplex } from "node:stream";

import type { RawBuilder } from "kysely";
import type pg from "pg";

import { textOf } from "./literal.ts";

/*
 * Statements that stand in one message of the simple protocol are one transaction: all of them are done or none, and the
 * answer comes after the commit (PostgreSQL, "Message Flow", section "Multiple Statements in a Simple Query"). Where a
 * transaction is one statement, that spares three of four ways there and back.
 */

export interface OneMessage<Row> {
  /** What goes before. */
  readonly settings: readonly string[];
  readonly statement: RawBuilder<Row>;
  /**
   * Called once the message has left this program: a server does what it was sent even if the program ends at that moment. Not
   * called where that cannot be known, as with the embedded database, which ends with the program.
   */
  readonly onSent?: (() => void) | undefined;
}

/** @returns the statement's rows, once it is committed. */
export async function runTogether<Row>(client: pg.ClientBase, of: OneMessage<Row>): Promise<readonly Row[]> {
  const text = [...of.settings, textOf(of.statement)].join("; ");
  const stream = streamOf(client);
  const writtenBefore = stream instanceof Socket ? stream.bytesWritten : 0;
  const answer: Promise<unknown> = client.query(text);
  if (stream instanceof Socket && hasLeft(stream, writtenBefore + text.length)) of.onSent?.();
  const results = [await answer].flat() as readonly pg.QueryResult<Row & pg.QueryResultRow>[];
  return results.at(-1)?.rows ?? [];
}

/** @returns what the client writes to; a socket, but for the embedded database. */
export function streamOf(client: pg.ClientBase): Duplex {
  return (client as unknown as { connection: { stream: Duplex } }).connection.stream;
}

/** What a socket no longer holds is with the system, which sends it on whatever becomes of the program. */
function hasLeft(socket: Socket, bytes: number): boolean {
  return socket.writableLength === 0 && socket.bytesWritten >= bytes;
}
