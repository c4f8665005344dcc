import { recordAuditEvent } from "#audit/audit-event.ts";
import { replacePasswordHash } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import type { Tx } from "#platform/database/database.ts";
import { endSessionsOf } from "#sessions/session.ts";
import { asTarget, type User } from "#users/user.ts";
import { recordEvent } from "./timeline.ts";

/**
 * The one door of every password change. In the caller's transaction: the hash is replaced, all sessions of the user end,
 * every other open recovery dies, the act is recorded, and the user is told by mail.
 * @param to.passwordHash made before the transaction began, from a password that the policy accepted.
 * @param to.by the recovery that leads here, which its own use case has completed.
 */
export async function setPassword(
  tx: Tx,
  scope: Scope,
  at: Date,
  to: { user: User; passwordHash: string; by: "reset_link" },
): Promise<void> {
  await replacePasswordHash(tx, scope, at, { userId: to.user.id, passwordHash: to.passwordHash });
  const sessionsEnded = await endSessionsOf(tx, scope, at, to.user.id);
  await revokeOpenRecoveries(tx, scope, at, { userId: to.user.id, because: "password_changed" });
  await recordAuditEvent(tx, scope, at, {
    action: "password.change",
    target: asTarget(to.user),
    detail: { by: to.by, sessions_ended: sessionsEnded },
  });
  await queueEmail(tx, scope, at, {
    kind: "password_changed",
    userId: to.user.id,
    to: to.user.email,
    data: { at: at.toISOString() },
  });
}

/** No link or temporary password of the user works any more. Repeats safely. */
async function revokeOpenRecoveries(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; because: "password_changed" },
): Promise<void> {
  const revoked = await tx
    .updateTable("recoveries")
    .set({ state: "revoked", ended_because: of.because })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("state", "=", "open")
    .returning("id")
    .execute();
  for (const { id } of revoked) {
    await recordEvent(tx, scope, id, { event: "revoked", at, detail: { because: of.because } });
  }
}
