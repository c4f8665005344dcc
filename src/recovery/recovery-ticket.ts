import type { Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import { isId } from "#platform/crypto/id.ts";
import { getRecovery, type Recovery } from "./recovery.ts";
import { queueForTicket } from "./timeline.ts";

/** @throws validation_failed (on `ticket_id`) for a ticket that the instance does not have. */
export async function requireTicket(tx: Tx, scope: Scope, ticketId: string | undefined): Promise<void> {
  if (ticketId === undefined || (isId(ticketId) && (await hasTicket(tx, scope, ticketId)))) return;
  throw invalidFields([{ field: "ticket_id", code: "not_found", detail: "There is no such ticket." }]);
}

async function hasTicket(tx: Tx, scope: Scope, id: string): Promise<boolean> {
  const ticket = await tx
    .selectFrom("tickets")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .executeTakeFirst();
  return ticket !== undefined;
}

/** A recovery that is under way belongs to the ticket from now on, which hears at once that its mail was accepted, unless it will hear so of another. */
export async function joinTicket(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { recovery: Recovery; ticketId: string | null; isMailed: boolean },
): Promise<void> {
  const { id: recoveryId } = of.recovery;
  await tx
    .updateTable("recoveries")
    .set({ ticket_id: of.ticketId })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", recoveryId)
    .execute();
  // Asked only now that the row is held: what was accepted a moment ago was told to no ticket yet.
  const { lastMail } = await getRecovery(tx, scope, recoveryId);
  if (of.isMailed || lastMail?.state !== "accepted") return;
  const accepted = await tx
    .selectFrom("recovery_events")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("recovery_id", "=", recoveryId)
    .where("event", "=", "accepted")
    .orderBy("id", "desc")
    .executeTakeFirst();
  if (accepted) await queueForTicket(tx, scope, at, [accepted.id]);
}
