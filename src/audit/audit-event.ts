import type { Insertable, Selectable } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { isId, newId } from "#platform/crypto/id.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { InstanceTables } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { eventDigest } from "./event-digest.ts";
import { claimOnce } from "./once.ts";
import { awaitSeal } from "./unsealed-event.ts";

export type AuditAction =
  | "access.request"
  | "address.release"
  | "address.suppress"
  | "api_key.create"
  | "api_key.revoke"
  | "approval.approve"
  | "approval.refuse"
  | "approval.request"
  | "audit.export"
  | "instance.create"
  | "instance.end_everything"
  | "instance.find"
  | "instance.resume"
  | "instance.suspend"
  | "password.change"
  | "password.disown"
  | "recovery.complete"
  | "recovery.copy_link"
  | "recovery.correct_and_send"
  | "recovery.request"
  | "recovery.require_new_password"
  | "recovery.revoke"
  | "recovery.set_temporary_password"
  | "session.confirm"
  | "session.create"
  | "session.end"
  | "session.refuse"
  | "settings.test_sender"
  | "settings.update"
  | "ticket.answer"
  | "ticket.open"
  | "ticket.reply"
  | "ticket.update"
  | "user.create"
  | "user.deactivate"
  | "user.enable_login"
  | "user.import"
  | "user.lock"
  | "user.reactivate"
  | "user.thaw"
  | "user.update";

/** Who or what an act was done to. `id` is null for what does not exist, such as an unknown user name; a text that is no id is kept as null. */
export interface AuditTarget {
  readonly type: "user" | "recovery" | "session" | "instance" | "api_key" | "address" | "ticket";
  readonly id: string | null;
  readonly name: string;
}

interface Act {
  readonly action: AuditAction;
  readonly target: AuditTarget;
  readonly reason?: string | undefined;
  /** In which it was done, if it was in one; a text that is no id is kept as null. */
  readonly ticketId?: string | undefined;
  readonly detail?: Detail;
}

/** An act that may be refused before its target was read: the target can then be found by what was asked for. */
interface Attempt extends Omit<Act, "target"> {
  readonly target: AuditTarget | ((tx: Tx) => Promise<AuditTarget>);
}

export type AuditEvent = Selectable<InstanceTables["audit_events"]>;

/** An act with its outcome; `ok` unless it says otherwise. */
type Outcome = Act & { readonly result?: "ok" | "refused" };

/**
 * Records who did what to whom, in the transaction in which it was done: both stay or neither does. Pages that are open hear
 * of it when it commits.
 */
export async function recordAuditEvent(tx: Tx, scope: Scope, at: Date, act: Outcome): Promise<void> {
  await recordAuditEvents(tx, scope, at, [act]);
}

/** The same for many acts at once, in their order; at least one. */
export async function recordAuditEvents(tx: Tx, scope: Scope, at: Date, acts: readonly Outcome[]): Promise<void> {
  if (acts.some(({ result }) => result !== "refused")) await claimOnce(tx, scope, at);
  const recorded = await tx
    .insertInto("audit_events")
    .values(acts.map((act) => toRow(scope, at, act)))
    .returning(["id", eventDigest.as("digest"), changeOf(scope.instance.id).as("told")])
    .execute();
  await awaitSeal(tx, scope, at, recorded);
}

function toRow(scope: Scope, at: Date, act: Outcome): Insertable<InstanceTables["audit_events"]> {
  return {
    instance_id: scope.instance.id,
    id: newId(),
    at,
    action: act.action,
    actor_type: scope.actor.type,
    actor_id: scope.actor.id,
    actor_name: scope.actor.name,
    target_type: act.target.type,
    target_id: act.target.id !== null && isId(act.target.id) ? act.target.id : null,
    target_name: act.target.name,
    source_address: scope.request?.sourceAddress ?? null,
    reason: act.reason ?? null,
    ticket_id: act.ticketId !== undefined && isId(act.ticketId) ? act.ticketId : null,
    result: act.result ?? "ok",
    request_id: scope.request?.id ?? null,
    detail: JSON.stringify(act.detail ?? {}),
  };
}

/**
 * Runs an act. When it is refused, the refusal is recorded in a transaction of its own, since whatever the act did was rolled
 * back; then the refusal is thrown on. Its code stands in the detail, and as the reason where nobody gave one.
 */
export async function recordingRefusals<T>(deps: Deps, scope: Scope, act: Attempt, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RekeyError) || error.status >= 500) throw error;
    const { code } = error;
    await deps.db.inInstance(scope.instance.id, async (tx) => {
      const target = typeof act.target === "function" ? await act.target(tx) : act.target;
      const [reason, detail] = [act.reason ?? code, { ...act.detail, code }];
      await recordAuditEvent(tx, scope, deps.clock.now(), { ...act, target, reason, detail, result: "refused" });
    });
    throw error;
  }
}

/** Runs an act in one transaction, and records when it is refused. */
export function audited<T>(deps: Deps, scope: Scope, act: Attempt, work: (tx: Tx) => Promise<T>): Promise<T> {
  return recordingRefusals(deps, scope, act, () => deps.db.inInstance(scope.instance.id, work));
}
