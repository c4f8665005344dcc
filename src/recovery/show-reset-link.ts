import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, getUser, targetWithId } from "#users/user.ts";
import { issueResetLink } from "./issue-reset-link.ts";
import { linkOf } from "./reset-link.ts";

/**
 * The operator is shown a user's link instead of having it mailed; recorded as what it is, a copy.
 * @throws not_permitted, not_found, user_inactive, role_denies_access
 * @returns the working link: write it nowhere but to the operator's own screen.
 */
export async function showResetLink(deps: Deps, scope: Scope, input: { userId: string }): Promise<string> {
  const act = { action: "recovery.copy_link", target: targetWithId(scope, input.userId) } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "recovery.copy_link");
    const user = await getUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    const recovery = await issueResetLink(deps, tx, scope, { userId: user.id, origin: "operator", by: "hand" });
    const detail = { recovery_id: recovery.id };
    await recordAuditEvent(tx, scope, deps.clock.now(), { ...act, target: asTarget(user), detail });
    return linkOf(deps.keyring, scope.instance, recovery);
  });
}
