import type { Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import type { User } from "#users/user.ts";
import { laterThan } from "./ticket.ts";
import { addMessage, authorOf } from "./ticket-message.ts";
import { lockAssignee } from "./update-ticket.ts";

/** @returns how many tickets the user works on that are not closed. */
export async function countTicketsOf(tx: Tx, scope: Scope, userId: string): Promise<number> {
  return (await workOf(tx, scope, userId).execute()).length;
}

/**
 * Whoever leaves works on no ticket any more that is not closed; somebody else has them, and each says so. Call it with the row of
 * who leaves held.
 * @returns how many were handed over.
 * @throws validation_failed (on `reassign_to`) where there are some and nobody was chosen who may work on them
 */
export async function handOverTickets(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { from: User; to: string | undefined },
): Promise<number> {
  const count = await countTicketsOf(tx, scope, of.from.id);
  if (count === 0) return 0;
  if (of.to === undefined || of.to === of.from.id) throw nobodyChosen(of.from, count);
  const successor = await lockAssignee(tx, scope, of.to, "reassign_to");
  // Only now, or who is just giving them one of these tickets would wait for us, and we for them.
  const held = await workOf(tx, scope, of.from.id).forNoKeyUpdate().execute();
  if (held.length === 0) return 0;
  const ids = held.map(({ id }) => id);
  await assign(tx, scope, at, { ids, to: successor.id });
  const message = { kind: "handed_over", author: authorOf(scope), detail: { to: successor.name } } as const;
  for (const ticketId of ids) await addMessage(tx, scope, at, { ...message, ticketId });
  return ids.length;
}

/** Whoever works on no tickets any more leaves those that are not closed to nobody, and each says so. Call it with their row held. */
export async function releaseTickets(tx: Tx, scope: Scope, at: Date, from: User): Promise<void> {
  const ids = (await workOf(tx, scope, from.id).forNoKeyUpdate().execute()).map(({ id }) => id);
  if (ids.length === 0) return;
  await assign(tx, scope, at, { ids, to: null });
  const message = { kind: "assigned", author: authorOf(scope), detail: { to: null } } as const;
  for (const ticketId of ids) await addMessage(tx, scope, at, { ...message, ticketId });
}

function nobodyChosen({ firstName }: User, count: number) {
  const tickets = count === 1 ? "a ticket that is" : `${count} tickets that are`;
  const detail = `${firstName} works on ${tickets} not closed. Choose who takes over.`;
  return invalidFields([{ field: "reassign_to", code: "missing", detail }]);
}

async function assign(
  tx: Tx,
  scope: Scope,
  at: Date,
  { ids, to }: { ids: readonly string[]; to: string | null },
): Promise<void> {
  await tx
    .updateTable("tickets")
    .set({ assignee_id: to, updated_at: laterThan(at) })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "in", ids)
    .execute();
}

function workOf(tx: Tx, scope: Scope, userId: string) {
  return tx
    .selectFrom("tickets")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("assignee_id", "=", userId)
    .where("status", "!=", "closed")
    .orderBy("id");
}
