import { audited, recordAuditEvent, recordingRefusals } from "#audit/audit-event.ts";
import { findCredential } from "#credentials/credential.ts";
import { hashPassword } from "#credentials/password-hash.ts";
import { requireAcceptablePassword } from "#credentials/password-policy.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { maySignIn } from "#sessions/session.ts";
import { asTarget, getUser, lockUser, type User } from "#users/user.ts";
import { countingGuesses } from "./guessed-token.ts";
import { findCopier } from "./copy-reset-link.ts";
import { requireAccountInUse } from "./link-of-use.ts";
import { getRecovery, isLive } from "./recovery.ts";
import { requireAnotherPassword } from "./require-another-password.ts";
import { getRecoveryByToken, requireLive } from "./reset-link.ts";
import { setPassword } from "./set-password.ts";
import { recordEvent } from "./timeline.ts";

/**
 * The person's own new password is set and the link is used up, both or neither. A refused password leaves the link as it
 * was. Nobody is signed in by it.
 * @throws link_invalid, too_many_requests, link_used, link_expired, link_revoked, password_rejected (on the field `password`)
 * @returns the user, whose name the sign-in page fills in.
 */
export async function redeemResetLink(
  deps: Deps,
  scope: Scope,
  input: { token: string; password: string },
): Promise<User> {
  const { recovery, user, stored } = await countingGuesses(deps, scope, () =>
    audited(deps, scope, MADE_UP, async (tx) => {
      const found = await getRecoveryByToken(deps, tx, scope, input.token);
      const credential = await findCredential(tx, scope, found.userId);
      return { recovery: found, user: await getUser(tx, scope, found.userId), stored: credential };
    }),
  );
  const detail = { recovery_id: recovery.id };
  const act = { action: "recovery.complete", target: asTarget(user), detail } as const;
  await recordingRefusals(deps, scope, act, async () => {
    if (!isLive(recovery, deps.clock.now())) requireAccountInUse(user);
    requireLive(recovery, scope.instance, deps.clock.now());
    await requireAcceptablePassword(deps, input.password, { user, instanceName: scope.instance.name }, "password");
    await requireAnotherPassword(input.password, stored, "password");
    const passwordHash = await hashPassword(input.password);
    await deps.db.inInstance(scope.instance.id, async (tx) => {
      const at = deps.clock.now();
      if (!maySignIn(await lockUser(tx, scope, user.id))) throw new RekeyError("link_revoked");
      await complete(tx, scope, at, recovery.id);
      await recordEvent(tx, scope, recovery.id, { event: "completed", at });
      await recordAuditEvent(tx, scope, at, act);
      const credential = { kind: "permanent", passwordHash } as const;
      const copiedBy = await findCopier(tx, scope, recovery.id);
      await setPassword(tx, scope, at, { user, credential, by: "reset_link", copiedBy });
    });
  });
  deps.wakeWorker();
  return user;
}

/** A token that no mail ever held speaks of nobody. */
const MADE_UP = { action: "recovery.complete", target: { type: "recovery", id: null, name: "" } } as const;

/** Check and change are one statement, so that of two who redeem at once the second finds the link used. */
async function complete(tx: Tx, scope: Scope, at: Date, recoveryId: string): Promise<void> {
  const completed = await tx
    .updateTable("recoveries")
    .set({ state: "completed", completed_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", recoveryId)
    .where("state", "=", "open")
    .where("cap_at", ">", at)
    .where((recovery) =>
      recovery.or([
        recovery("expires_at", ">", at),
        recovery.exists(
          recovery
            .selectFrom("emails")
            .select("emails.id")
            .whereRef("emails.instance_id", "=", "recoveries.instance_id")
            .whereRef("emails.recovery_id", "=", "recoveries.id")
            .where("emails.state", "=", "queued"),
        ),
      ]),
    )
    .executeTakeFirst();
  if (completed.numUpdatedRows > 0n) return;
  requireLive(await getRecovery(tx, scope, recoveryId), scope.instance, at);
  throw new Error("A live recovery could not be completed");
}
