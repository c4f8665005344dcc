import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { endLockout } from "#sessions/lockout.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, lockUser, targetWithId } from "#users/user.ts";

/**
 * The lockout of the user is over, and their failed sign-ins are forgotten. The password stays as it is.
 * @throws not_permitted, not_found, not_locked
 */
export async function enableLogin(deps: Deps, scope: Scope, input: { userId: string }): Promise<void> {
  const act = { action: "user.enable_login", target: targetWithId(scope, input.userId) } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "users.enable_login");
    const user = await lockUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    const at = deps.clock.now();
    if (!(await endLockout(tx, scope, at, user.id))) throw new RekeyError("not_locked");
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user) });
    const text = `Login is enabled: ${user.name} can sign in again`;
    await notify(tx, scope, at, { kind: "success", title: "Success", text });
  });
}
