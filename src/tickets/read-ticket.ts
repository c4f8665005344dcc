import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { listRecoveries, type Recovery } from "#recovery/recovery.ts";
import { requirePermission } from "#users/permissions.ts";
import { getTicket, getTicketByNumber, type Ticket } from "./ticket.ts";
import { readMessages, type TicketMessage } from "./ticket-message.ts";

/** More than anybody begins in one ticket. */
const MOST_RECOVERIES = 50;

/** A ticket with everything that was said and done in it. */
export interface OpenTicket {
  readonly ticket: Ticket;
  readonly messages: readonly TicketMessage[];
  /** Newest first. */
  readonly recoveries: readonly Recovery[];
}

/** @returns the ticket by its id, or by its number. @throws not_permitted, not_found */
export async function readTicket(
  deps: Deps,
  scope: Scope,
  of: { id: string } | { number: string },
): Promise<OpenTicket> {
  requirePermission(scope, "tickets.work");
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const ticket = "id" in of ? await getTicket(tx, scope, of.id) : await getTicketByNumber(tx, scope, of.number);
    return {
      ticket,
      messages: await readMessages(tx, scope, ticket.id),
      recoveries: await listRecoveries(tx, scope, { ticketId: ticket.id, limit: MOST_RECOVERIES }),
    };
  });
}
