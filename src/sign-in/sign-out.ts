import { recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { endSession } from "#sessions/session.ts";

/** The session is over, here and at once. Repeats safely. */
export async function signOut(deps: Deps, scope: Scope, sessionId: string): Promise<void> {
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    const at = deps.clock.now();
    await endSession(tx, scope, at, sessionId);
    await recordAuditEvent(tx, scope, at, {
      action: "session.end",
      target: { type: "user", id: scope.actor.id, name: scope.actor.name },
    });
  });
}
