import { type AuditTarget, audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { getUser, lockUser } from "#users/user.ts";
import { findRecoveryUser, getRecovery } from "./recovery.ts";
import { refusePassword } from "./set-password.ts";
import { recordEvent } from "./timeline.ts";

/**
 * The link no longer works, and whoever opens it is told that a newer step replaced it. Of a temporary password: it opens
 * nothing any more, and what it opened is over.
 * @throws not_permitted, not_found, recovery_ended
 */
export async function revokeRecovery(deps: Deps, scope: Scope, input: { recoveryId: string }): Promise<void> {
  const act = { action: "recovery.revoke", target: recoveryTarget(scope, input.recoveryId) } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "recovery.send_link");
    const recovery = await getRecovery(tx, scope, input.recoveryId);
    const user = await getUser(tx, scope, recovery.userId);
    requireMayActOn(scope, user);
    if (recovery.method === "temporary_password") requirePermission(scope, "recovery.set_temporary_password");
    await lockUser(tx, scope, user.id);
    const at = deps.clock.now();
    const revoked = await tx
      .updateTable("recoveries")
      .set({ state: "revoked", ended_because: "revoked" })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", recovery.id)
      .where("state", "=", "open")
      .executeTakeFirst();
    if (revoked.numUpdatedRows === 0n) throw new RekeyError("recovery_ended");
    if (recovery.method === "temporary_password") await refusePassword(tx, scope, at, user.id);
    await recordEvent(tx, scope, recovery.id, { event: "revoked", at, detail: { by: scope.actor.name } });
    await recordAuditEvent(tx, scope, at, { ...act, target: await act.target(tx) });
    const what = recovery.method === "reset_link" ? "The link" : "The temporary password";
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `${what} no longer works` });
  });
}

/** A recovery goes by the name of its user. */
function recoveryTarget(scope: Scope, id: string): (tx: Tx) => Promise<AuditTarget> {
  return async (tx) => {
    const userId = await findRecoveryUser(tx, scope, id);
    const name = userId === undefined ? "" : (await getUser(tx, scope, userId)).name;
    return { type: "recovery", id, name };
  };
}
