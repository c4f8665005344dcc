import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { endNamedSession } from "#sessions/list-sessions.ts";
import { endSessionsOf } from "#sessions/session.ts";
import { asTarget, type User } from "#users/user.ts";

/** One other browser of the person is signed out. @throws not_found */
export async function endOwnSession(deps: Deps, scope: Scope, input: { user: User; sessionId: string }): Promise<void> {
  const act = { action: "session.end", target: asTarget(input.user) } as const;
  await audited(deps, scope, act, async (tx) => {
    const at = deps.clock.now();
    await endNamedSession(tx, scope, at, { userId: input.user.id, sessionId: input.sessionId });
    await recordAuditEvent(tx, scope, at, { ...act, detail: { sessions_ended: 1 } });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: "That browser is signed out" });
  });
}

/** Every other browser of the person is signed out. @param input.currentId the secret of the session that stays. */
export async function endOtherSessions(
  deps: Deps,
  scope: Scope,
  input: { user: User; currentId: string },
): Promise<void> {
  const act = { action: "session.end", target: asTarget(input.user) } as const;
  await audited(deps, scope, act, async (tx) => {
    const at = deps.clock.now();
    const ended = await endSessionsOf(tx, scope, at, { userId: input.user.id, except: input.currentId });
    await recordAuditEvent(tx, scope, at, { ...act, detail: { sessions_ended: ended } });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: "Every other browser is signed out" });
  });
}
