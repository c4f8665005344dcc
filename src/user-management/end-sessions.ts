import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { endSessionsOf } from "#sessions/session.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, getUser, targetWithId } from "#users/user.ts";

/** Sign out everywhere: every session of the user is over. The password stays. @throws not_permitted, not_found */
export async function endSessions(deps: Deps, scope: Scope, input: { userId: string }): Promise<void> {
  const act = { action: "session.end", target: targetWithId(scope, input.userId) } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "users.end_sessions");
    const user = await getUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    const at = deps.clock.now();
    const ended = await endSessionsOf(tx, scope, at, { userId: user.id });
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user), detail: { sessions_ended: ended } });
    const text = ended === 0 ? `${user.name} was signed in nowhere` : `${user.name} is signed out everywhere`;
    await notify(tx, scope, at, { kind: "success", title: "Success", text });
  });
}
