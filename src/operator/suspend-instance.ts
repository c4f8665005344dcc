import { recordAuditEvent } from "#audit/audit-event.ts";
import type { Instance } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { waitForActs } from "#instances/suspension.ts";
import type { Deps } from "#platform/deps.ts";
import { revokeEveryRecovery } from "#recovery/revoke-open-recoveries.ts";
import { endEverySession } from "#sessions/session.ts";

/**
 * The instance answers 503 to everybody; all sessions are over, and no link or temporary password of it works any more, not
 * even when it is resumed. Repeats safely.
 */
export function suspendInstance(deps: Deps, instance: Instance): Promise<void> {
  return deps.db.onInstances(async (tx, enter) => {
    await waitForActs(tx, instance.id);
    await tx.updateTable("instances").set({ status: "suspended" }).where("id", "=", instance.id).execute();
    const inside = await enter(instance.id);
    const { scope, at, target } = actOn(deps, instance);
    const revoked = await revokeEveryRecovery(inside, scope, at, "instance_suspended");
    const detail = { sessions_ended: await endEverySession(inside, scope, at), recoveries_revoked: revoked };
    await recordAuditEvent(inside, scope, at, { action: "instance.suspend", target, detail });
  });
}

/** The instance answers again, to everybody who can still sign in. Repeats safely. */
export function resumeInstance(deps: Deps, instance: Instance): Promise<void> {
  return deps.db.onInstances(async (tx, enter) => {
    await tx.updateTable("instances").set({ status: "active" }).where("id", "=", instance.id).execute();
    const { scope, at, target } = actOn(deps, instance);
    await recordAuditEvent(await enter(instance.id), scope, at, { action: "instance.resume", target });
  });
}

function actOn(deps: Deps, instance: Instance) {
  const scope: Scope = { instance, actor: OPERATOR, request: undefined };
  const target = { type: "instance", id: instance.id, name: instance.name } as const;
  return { scope, at: deps.clock.now(), target };
}
