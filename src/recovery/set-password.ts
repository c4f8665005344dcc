import { revokeKeysOf } from "#api-keys/api-key.ts";
import { recordAuditEvent } from "#audit/audit-event.ts";
import { type NewCredential, refuseCredential, replaceCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import type { Tx } from "#platform/database/database.ts";
import { forgetBrowsers } from "#sessions/known-browser.ts";
import { endLockout } from "#sessions/lockout.ts";
import { endSessionsOf } from "#sessions/session.ts";
import { asTarget, type User } from "#users/user.ts";
import { revokeOpenRecoveries } from "./revoke-open-recoveries.ts";

/** What the acting person is told, in the words of the CRM that its people know. */
export const PASSWORD_CHANGED = { kind: "success", title: "Success", text: "Changed password successfully" } as const;

/** By what a password came to be: the person's link, the person's own wish, or an administrator. */
type Path = "reset_link" | "own_change" | "temporary_password";

interface PasswordChange {
  readonly user: User;
  /** Hashed before the transaction began, from a password that the policy accepted or Rekey made. */
  readonly credential: NewCredential;
  readonly by: Path;
  /** The person's own session, which goes on. */
  readonly keepSessionId?: string;
  /** Who had the link in hand, so that the person is told; undefined when it only ever left by mail. */
  readonly copiedBy?: string | undefined;
}

/**
 * The one door of every password change. In the caller's transaction: the credential is replaced, all other sessions of the
 * user end, their API keys too when somebody else sets it, no browser is known to the account any more, a lockout is over, every
 * open recovery dies, the act is recorded, and the user is told by mail. The recovery that leads here, if any, has been
 * completed by its own use case.
 */
export async function setPassword(tx: Tx, scope: Scope, at: Date, to: PasswordChange): Promise<void> {
  const { user, credential, by } = to;
  await revokeOpenRecoveries(tx, scope, at, { userId: user.id, because: "password_changed" });
  await replaceCredential(tx, scope, at, { userId: user.id, credential });
  const sessionsEnded = await endSessionsOf(tx, scope, at, { userId: user.id, except: to.keepSessionId });
  if (by === "temporary_password") await revokeKeysOf(tx, scope, at, user.id);
  await forgetBrowsers(tx, scope, user.id);
  await endLockout(tx, scope, at, user.id);
  const detail = { by, sessions_ended: sessionsEnded };
  await recordAuditEvent(tx, scope, at, { action: "password.change", target: asTarget(user), detail });
  const data = { at: at.toISOString(), by, by_name: scope.actor.name, copied_by: to.copiedBy ?? null };
  await queueEmail(tx, scope, at, { kind: "password_changed", userId: user.id, to: user.email, data });
}

/**
 * What let the user in until now opens nothing any more: the password is refused, all sessions and API keys are over, and no
 * temporary password lives on. An open link stays, for it is the way back.
 */
export async function refusePassword(
  tx: Tx,
  scope: Scope,
  at: Date,
  userId: string,
): Promise<{ sessionsEnded: number }> {
  await revokeOpenRecoveries(tx, scope, at, { userId, because: "password_refused", method: "temporary_password" });
  await refuseCredential(tx, scope, userId);
  await forgetBrowsers(tx, scope, userId);
  await revokeKeysOf(tx, scope, at, userId);
  return { sessionsEnded: await endSessionsOf(tx, scope, at, { userId }) };
}
