import { recordingRefusals } from "#audit/audit-event.ts";
import { type Credential, findCredential, verifyCredential } from "#credentials/credential.ts";
import { hashPassword } from "#credentials/password-hash.ts";
import { requireAcceptablePassword } from "#credentials/password-policy.ts";
import type { Scope } from "#instances/scope.ts";
import { invalidFields, RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { forgetCount } from "#rate-limits/rate-limit.ts";
import { guessesKey, readCredentialForGuess } from "#sessions/own-password-guess.ts";
import { findSession, renewSession } from "#sessions/session.ts";
import { asTarget, lockUser, type User } from "#users/user.ts";
import { requireAnotherPassword } from "./require-another-password.ts";
import { PASSWORD_CHANGED, setPassword } from "./set-password.ts";
import { recordEvent } from "./timeline.ts";

interface OwnChange {
  readonly user: User;
  /** Stays signed in under a new id; every other session of the user is over. */
  readonly sessionId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * A signed-in person has a new password of their own. It is the way out of a temporary password, whose recovery it completes.
 * @returns the new id of their session, for the cookie alone.
 * @throws validation_failed (on `current_password`), password_rejected (on `new_password`), too_many_requests
 */
export async function changeOwnPassword(deps: Deps, scope: Scope, input: OwnChange): Promise<string> {
  const { user } = input;
  const act = { action: "password.change", target: asTarget(user) } as const;
  const sessionId = await recordingRefusals(deps, scope, act, async () => {
    const context = { user, instanceName: scope.instance.name };
    await requireAcceptablePassword(deps, input.newPassword, context, "new_password");
    const stored = await readCredentialForGuess(deps, scope, user.id);
    await requireCurrentPassword(input.currentPassword, stored);
    await requireAnotherPassword(input.newPassword, stored, "new_password");
    const passwordHash = await hashPassword(input.newPassword);
    return deps.db.inInstance(scope.instance.id, async (tx) => {
      const at = deps.clock.now();
      await lockUser(tx, scope, user.id);
      await requireUnchanged(tx, scope, at, { sessionId: input.sessionId, userId: user.id, stored });
      await forgetCount(tx, scope, guessesKey(user.id));
      await completeTemporaryPassword(tx, scope, at, user.id);
      const credential = { kind: "permanent", passwordHash } as const;
      await setPassword(tx, scope, at, { user, credential, by: "own_change", keepSessionId: input.sessionId });
      await notify(tx, scope, at, PASSWORD_CHANGED);
      return renewSession(tx, scope, input.sessionId);
    });
  });
  deps.wakeWorker();
  return sessionId;
}

async function requireCurrentPassword(password: string, stored: Credential | undefined): Promise<void> {
  if (await verifyCredential(password, stored)) return;
  throw invalidFields([{ field: "current_password", code: "wrong", detail: "This is not your current password." }]);
}

/** While the new password was hashed an administrator may have ended the session or refused the old one: it opens nothing then. */
async function requireUnchanged(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { sessionId: string; userId: string; stored: Credential | undefined },
): Promise<void> {
  const session = await findSession(tx, scope, at, of.sessionId);
  const credential = await findCredential(tx, scope, of.userId);
  const isSame = credential?.passwordHash === of.stored?.passwordHash && credential?.kind === of.stored?.kind;
  if (!session || !isSame || credential?.kind === "refused") throw new RekeyError("sign_in_required");
}

async function completeTemporaryPassword(tx: Tx, scope: Scope, at: Date, userId: string): Promise<void> {
  const completed = await tx
    .updateTable("recoveries")
    .set({ state: "completed", completed_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId)
    .where("method", "=", "temporary_password")
    .where("state", "=", "open")
    .returning("id")
    .execute();
  for (const { id } of completed) await recordEvent(tx, scope, id, { event: "completed", at });
}
