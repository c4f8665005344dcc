import { revokeKeysOf } from "#api-keys/api-key.ts";
import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { UserStatus } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { revokeOpenRecoveries } from "#recovery/revoke-open-recoveries.ts";
import { endSessionsOf } from "#sessions/session.ts";
import { handOverTickets } from "#tickets/hand-over-tickets.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, lockOwners, lockUser, targetWithId, toUser, type User } from "#users/user.ts";

/**
 * The user is inactive: nothing lets them in any more, everything about them is kept, and the tickets that they worked on are
 * somebody else's.
 * @throws not_permitted, not_found, user_inactive, last_owner, validation_failed (on `reassign_to`) where nobody was chosen to
 *   take over tickets that are not closed
 */
export async function deactivateUser(
  deps: Deps,
  scope: Scope,
  input: { userId: string; reassignTo?: string | undefined },
): Promise<User> {
  const act = { action: "user.deactivate", target: targetWithId(scope, input.userId) } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "users.edit");
    const owners = await lockOwners(tx, scope);
    const user = await lockUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    if (user.status === "inactive")
      throw new RekeyError("user_inactive", { detail: "There is nothing to deactivate." });
    if (owners.length === 1 && owners[0] === user.id) throw new RekeyError("last_owner");
    const at = deps.clock.now();
    const ticketsHandedOver = await handOverTickets(tx, scope, at, { from: user, to: input.reassignTo });
    const sessionsEnded = await endSessionsOf(tx, scope, at, { userId: user.id });
    await revokeKeysOf(tx, scope, at, user.id);
    await revokeOpenRecoveries(tx, scope, at, { userId: user.id, because: "deactivated" });
    const detail = { sessions_ended: sessionsEnded, tickets_handed_over: ticketsHandedOver };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user), detail });
    const text = `${user.name} is inactive and can no longer sign in`;
    await notify(tx, scope, at, { kind: "success", title: "Success", text });
    return setStatus(tx, scope, user, "inactive");
  });
}

/**
 * The user is active again and signs in with the password they had. Links that died meanwhile stay dead.
 * @throws not_permitted, not_found, user_active
 */
export async function reactivateUser(deps: Deps, scope: Scope, input: { userId: string }): Promise<User> {
  const act = { action: "user.reactivate", target: targetWithId(scope, input.userId) } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "users.edit");
    const user = await lockUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    if (user.status === "active") throw new RekeyError("user_active");
    const at = deps.clock.now();
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user) });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `${user.name} is active again` });
    return setStatus(tx, scope, user, "active");
  });
}

async function setStatus(tx: Tx, scope: Scope, user: User, status: UserStatus): Promise<User> {
  const row = await tx
    .updateTable("users")
    .set({ status })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", user.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toUser(row);
}
