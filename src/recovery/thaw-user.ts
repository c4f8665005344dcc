import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, lockUser, setFrozen, targetWithId, type User } from "#users/user.ts";
import { recordVerification, requireVerification, type Verification } from "./verification.ts";

/**
 * The account that “This was not me” froze can be recovered again: links and temporary passwords work from now on. Nothing
 * that worked before the freeze comes back.
 * @throws not_permitted, step_up_required, not_found, not_frozen, validation_failed (on `verification.note`)
 */
export async function thawUser(
  deps: Deps,
  scope: Scope,
  input: { userId: string; verification: Verification },
): Promise<User> {
  const { userId, verification } = input;
  const act = { action: "user.thaw", target: targetWithId(scope, userId) } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "recovery.set_temporary_password");
    const user = await lockUser(tx, scope, userId);
    requireMayActOn(scope, user);
    const at = deps.clock.now();
    requireFreshSignIn(scope, at);
    if (user.frozenAt === null) throw new RekeyError("not_frozen");
    requireVerification(verification);
    await setFrozen(tx, scope, user.id, null);
    await recordVerification(tx, scope, at, { userId: user.id, verification });
    const detail = { frozen_at: user.frozenAt.toISOString(), verification: verification.method };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user), detail });
    const text = `${user.name} is thawed. Send a reset link, or set a temporary password`;
    await notify(tx, scope, at, { kind: "success", title: "Success", text });
    return { ...user, frozenAt: null };
  });
}
