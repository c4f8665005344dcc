import { asSystem, type Scope } from "#instances/scope.ts";
import { queueJob } from "#jobs/queue-job.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import { after, MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { TicketMessageKind } from "#platform/database/ticket-tables.ts";
import { endOf, getRecovery, isLive, listRecoveries, type Recovery } from "#recovery/recovery.ts";
import { moveTicket } from "./ticket.ts";
import { addMessage, PRODUCT } from "./ticket-message.ts";

/** Kind of the job that looks, at the time by which something should have happened, whether it has. */
export const TICKET_WAIT = "ticket_wait";

/** A link whose mail still waits ends at no known time: it is looked at again and again. */
const AGAIN_AFTER_MS = MINUTE_MS;

interface Awaited {
  readonly recoveryId: string;
  readonly awaits: "use" | "sign_in";
  /** When somebody has to look at it again if it has not happened. */
  readonly until: Date;
}

/** If by then nobody has used the recovery, or signed in, its ticket is open again with that reason. */
export async function awaitRecovery(tx: Tx, scope: Scope, at: Date, of: Awaited): Promise<void> {
  const payload = { recovery_id: of.recoveryId, awaits: of.awaits };
  await queueJob(tx, scope, at, { kind: TICKET_WAIT, payload, notBefore: of.until });
}

/** What the worker does at that time. Whoever renewed a link meanwhile is given until its new end. */
export const lookWhetherInTime: JobHandler = async (deps, { instance }, tx, payload) => {
  const scope = asSystem(instance);
  const now = deps.clock.now();
  const recovery = await getRecovery(tx, scope, String(payload.recovery_id));
  if (recovery.ticketId === null || recovery.signedInAt || !(await isNewest(tx, scope, recovery))) return;
  const isLate = recovery.storedState === (payload.awaits === "use" ? "open" : "completed");
  if (!isLate) return;
  if (isLive(recovery, now)) {
    const [end, soon] = [endOf(recovery), after(now, AGAIN_AFTER_MS)];
    const until = end > soon ? end : soon;
    return awaitRecovery(tx, scope, now, { recoveryId: recovery.id, awaits: "use", until });
  }
  const kind = payload.awaits === "use" ? "expired" : "not_signed_in";
  await reopen(tx, scope, now, { ticketId: recovery.ticketId, recovery, kind });
};

/** The ticket that waits for the requester is open again, and says why; any other stays as it is. */
export async function reopen(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { ticketId: string; recovery: Recovery; kind: TicketMessageKind },
): Promise<void> {
  const { ticketId, recovery, kind } = of;
  if (!(await moveTicket(tx, scope, at, { ticketId, from: ["waiting_for_user"], to: "open" }))) return;
  const detail = { recovery_id: recovery.id, ends_at: endOf(recovery).toISOString() };
  await addMessage(tx, scope, at, { ticketId, kind, author: PRODUCT, detail });
}

/** @returns whether no later recovery was begun in the same ticket. */
export async function isNewest(tx: Tx, scope: Scope, { id, ticketId }: Recovery): Promise<boolean> {
  const [newest] = await listRecoveries(tx, scope, { ticketId: ticketId ?? undefined, limit: 1 });
  return newest?.id === id;
}
