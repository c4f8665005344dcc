import { type Selectable, sql } from "kysely";

import type { AuditTarget } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { foldAccents } from "#lib/text.ts";
import { isId, newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { TicketsTable, TicketStatus } from "#platform/database/ticket-tables.ts";

/** Who asked for help, and where an answer reaches them. */
export interface Requester {
  /** Null where the address is nobody's here. */
  readonly userId: string | null;
  readonly name: string;
  readonly email: string;
}

/** A support request in the instance. */
export interface Ticket {
  readonly id: string;
  /** As people call it, counted from 1 in each instance. */
  readonly number: number;
  readonly subject: string;
  readonly requester: Requester;
  readonly status: TicketStatus;
  readonly assigneeId: string | null;
  /** Of the same matter at an outside help desk. */
  readonly externalUrl: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewTicket {
  readonly subject: string;
  readonly requester: Requester;
  readonly externalUrl?: string | null | undefined;
}

/** The ticket is open and has the next number of its instance: one that is given is kept, or its ticket is not. */
export async function createTicket(tx: Tx, scope: Scope, at: Date, of: NewTicket): Promise<Ticket> {
  const { subject, requester, externalUrl = null } = of;
  const row = await tx
    .insertInto("tickets")
    .values({
      instance_id: scope.instance.id,
      id: newId(),
      number: await nextNumber(tx, scope),
      subject,
      requester_user_id: requester.userId,
      requester_name: requester.name,
      requester_email: requester.email,
      external_url: externalUrl,
      search_text: [subject, requester.name, requester.email].map(foldAccents).join("\n"),
      created_at: at,
      updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toTicket(row);
}

/** @throws not_found, also for a ticket of another instance. */
export async function getTicket(tx: Tx, scope: Scope, id: string): Promise<Ticket> {
  const row = isId(id) ? await ticketsOf(tx, scope).where("id", "=", id).executeTakeFirst() : undefined;
  if (!row) throw new RekeyError("not_found");
  return toTicket(row);
}

/** @throws not_found for what is no number of a ticket. */
export async function getTicketByNumber(tx: Tx, scope: Scope, number: string): Promise<Ticket> {
  const row = /^[1-9]\d{0,8}$/.test(number)
    ? await ticketsOf(tx, scope).where("number", "=", Number(number)).executeTakeFirst()
    : undefined;
  if (!row) throw new RekeyError("not_found");
  return toTicket(row);
}

/** Holds the ticket until the transaction ends, so that what is changed about it is changed one after another. @throws not_found */
export async function lockTicket(tx: Tx, scope: Scope, id: string): Promise<Ticket> {
  const row = await ticketsOf(tx, scope).where("id", "=", id).forNoKeyUpdate().executeTakeFirst();
  if (!row) throw new RekeyError("not_found");
  return toTicket(row);
}

/**
 * The ticket has the status, if it has one of those: check and change are one statement, so that of two events at once neither
 * is lost.
 * @returns whether it was moved.
 */
export async function moveTicket(
  tx: Tx,
  scope: Scope,
  at: Date,
  move: { ticketId: string; from: readonly TicketStatus[]; to: TicketStatus },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("tickets")
    .set({ status: move.to, updated_at: laterThan(at) })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", move.ticketId)
    .where("status", "in", move.from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** @returns for a row of the tickets, when anything last happened in it, now that something did at this moment. */
export function laterThan(at: Date) {
  return sql<Date>`greatest(updated_at, ${at}::timestamptz)`;
}

/** @returns the ticket as the target of an act, for the record. */
export function asTicketTarget({ id, number }: Ticket): AuditTarget {
  return { type: "ticket", id, name: `Ticket ${number}` };
}

/** @returns how to find the target of an act that names a ticket by id only. */
export function ticketWithId(scope: Scope, id: string): (tx: Tx) => Promise<AuditTarget> {
  return async (tx) => {
    const row = isId(id) ? await ticketsOf(tx, scope).where("id", "=", id).executeTakeFirst() : undefined;
    return row ? asTicketTarget(toTicket(row)) : { type: "ticket", id, name: "" };
  };
}

/** @returns the ticket of a row of the table. */
export function toTicket(row: Selectable<TicketsTable>): Ticket {
  return {
    id: row.id,
    number: row.number,
    subject: row.subject,
    requester: { userId: row.requester_user_id, name: row.requester_name, email: row.requester_email },
    status: row.status,
    assigneeId: row.assignee_id,
    externalUrl: row.external_url,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Whoever comes at the same moment waits for this transaction, so that a number that was rolled back is given again. */
async function nextNumber(tx: Tx, scope: Scope): Promise<number> {
  const { last } = await tx
    .insertInto("ticket_numbers")
    .values({ instance_id: scope.instance.id, last: 1 })
    .onConflict((conflict) =>
      conflict.column("instance_id").doUpdateSet({ last: sql<number>`ticket_numbers.last + 1` }),
    )
    .returning("last")
    .executeTakeFirstOrThrow();
  return last;
}

function ticketsOf(tx: Tx, scope: Scope) {
  return tx.selectFrom("tickets").selectAll().where("instance_id", "=", scope.instance.id);
}
