import { askingApproval, requireSecondAdministrator } from "#approvals/second-administrator.ts";
import { recordAuditEvent, recordingRefusals } from "#audit/audit-event.ts";
import { findCredential, verifyCredential } from "#credentials/credential.ts";
import { hashPassword } from "#credentials/password-hash.ts";
import { requireAcceptablePassword } from "#credentials/password-policy.ts";
import { canonicalTemporaryPassword, generateTemporaryPassword } from "#credentials/temporary-password.ts";
import { actingUserId, type Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { invalidFields, RekeyError } from "#lib/errors.ts";
import { trimUnseen } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, getUser, lockUser, targetWithId, type User } from "#users/user.ts";
import { requireLinkToHelp } from "./issue-reset-link.ts";
import { insertRecovery, type Recovery } from "./recovery.ts";
import { requireBrakeReleased } from "./reset-brake.ts";
import { PASSWORD_CHANGED, setPassword } from "./set-password.ts";
import { requireTicket } from "./recovery-ticket.ts";
import { recordEvent } from "./timeline.ts";
import { recordVerification, requireVerification, type Verification } from "./verification.ts";

/** A temporary password that nobody has changed for this long is worth nothing. */
const TEMPORARY_PASSWORD_LIFETIME_MS = DAY_MS;

export interface NewTemporaryPassword {
  readonly userId: string;
  readonly mode: "generated" | "typed";
  /** Given when it is typed, and only then. */
  readonly password?: string | undefined;
  readonly verification: Verification;
  readonly ticketId?: string | undefined;
}

export interface TemporaryPasswordSet {
  readonly user: User;
  readonly recovery: Recovery;
  readonly expiresAt: Date;
  /** Shown this once; undefined when it was typed, since the administrator knows it. */
  readonly password: string | undefined;
}

/**
 * Change Password: the user signs in with the temporary password from this moment on, and must then set their own. Everything
 * that let them in before is over. What was stored has been checked against the password when this returns.
 * @throws not_permitted, step_up_required, approval_required, address_held, not_found, user_inactive, role_denies_access, validation_failed (on
 *   `verification.note`, `password`, `ticket_id`),
 *   password_rejected (on `password`)
 */
export async function setTemporaryPassword(
  deps: Deps,
  scope: Scope,
  input: NewTemporaryPassword,
): Promise<TemporaryPasswordSet> {
  const { ticketId, verification } = input;
  const target = targetWithId(scope, input.userId);
  const act = { action: "recovery.set_temporary_password", target, ticketId } as const;
  const set = async (): Promise<TemporaryPasswordSet> => {
    const user = await deps.db.inInstance(scope.instance.id, (tx) => requireTarget(tx, scope, input));
    requireFreshSignIn(scope, deps.clock.now());
    requireVerification(verification);
    await deps.db.inInstance(scope.instance.id, async (tx) => {
      const wanted = { act: "set_temporary_password", user, input: { ticketId, verification } } as const;
      await requireBrakeReleased(tx, scope, deps.clock.now());
      await requireSecondAdministrator(tx, scope, deps.clock.now(), wanted);
    });
    requireOneMode(input);
    const isGenerated = input.mode === "generated";
    const password = isGenerated ? generateTemporaryPassword() : await requireTypedPassword(deps, scope, user, input);
    const passwordHash = await hashPassword(canonicalTemporaryPassword(password, isGenerated));
    const recovery = await deps.db.inInstance(scope.instance.id, (tx) =>
      store(deps, tx, scope, { user, passwordHash, isGenerated, verification, ticketId }),
    );
    await requireThatItSignsIn(deps, scope, { user, password, passwordHash });
    deps.wakeWorker();
    return { user, recovery, expiresAt: recovery.capAt, password: isGenerated ? password : undefined };
  };
  return askingApproval(deps, scope, () => recordingRefusals(deps, scope, act, set));
}

async function requireTarget(
  tx: Tx,
  scope: Scope,
  { userId, ticketId }: Pick<NewTemporaryPassword, "userId" | "ticketId">,
): Promise<User> {
  requirePermission(scope, "recovery.set_temporary_password");
  const user = await getUser(tx, scope, userId);
  requireMayActOn(scope, user);
  requireLinkToHelp(user);
  await requireTicket(tx, scope, ticketId);
  return user;
}

/** Whoever sends a password expects it to be set; a generated one in its place would lock out who was told the other. */
function requireOneMode({ mode, password }: NewTemporaryPassword): void {
  if (mode === "typed" || password === undefined) return;
  const detail = "A generated password is made here. Leave this out, or choose the mode typed.";
  throw invalidFields([{ field: "password", code: "not_expected", detail }]);
}

/** @throws validation_failed where the instance wants generated ones only, password_rejected */
async function requireTypedPassword(
  deps: Deps,
  scope: Scope,
  user: User,
  input: NewTemporaryPassword,
): Promise<string> {
  if (!scope.instance.allowsTypedPasswords) {
    const detail = "This instance takes generated passwords only. Choose Generate.";
    throw invalidFields([{ field: "password", code: "typed_not_allowed", detail }]);
  }
  const { password } = input;
  if (password === undefined) {
    const detail = "Type the new password here, or choose the mode generated.";
    throw invalidFields([{ field: "password", code: "missing", detail }]);
  }
  await requireAcceptablePassword(
    deps,
    password,
    { user, instanceName: scope.instance.name, isForSomebodyElse: true },
    "password",
  );
  return password;
}

async function store(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  of: Pick<NewTemporaryPassword, "verification" | "ticketId"> & {
    user: User;
    passwordHash: string;
    isGenerated: boolean;
  },
): Promise<Recovery> {
  const { passwordHash, isGenerated, verification, ticketId } = of;
  const at = deps.clock.now();
  const expiresAt = after(at, TEMPORARY_PASSWORD_LIFETIME_MS);
  await lockUser(tx, scope, of.user.id);
  await requireBrakeReleased(tx, scope, at);
  const user = await requireTarget(tx, scope, { userId: of.user.id, ticketId }); // Once more, since hashing took a while.
  const credential = { kind: "temporary", passwordHash, isGenerated, expiresAt } as const;
  await setPassword(tx, scope, at, { user, credential, by: "temporary_password" });
  const recovery = await createRecovery(tx, scope, at, { userId: user.id, expiresAt, ticketId });
  await recordEvent(tx, scope, recovery.id, { event: "requested", at, detail: { by: scope.actor.name } });
  await recordVerification(tx, scope, at, { recoveryId: recovery.id, verification });
  const detail = { recovery_id: recovery.id, verification: verification.method, generated: isGenerated };
  await recordAuditEvent(tx, scope, at, {
    action: "recovery.set_temporary_password",
    target: asTarget(user),
    reason: trimUnseen(verification.note) || undefined,
    ticketId,
    detail,
  });
  return recovery;
}

async function createRecovery(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; expiresAt: Date; ticketId: string | undefined },
): Promise<Recovery> {
  return insertRecovery(tx, scope, {
    user_id: of.userId,
    method: "temporary_password",
    origin: scope.actor.type === "operator" ? "operator" : "admin",
    nonce: null,
    key_id: null,
    sent_to: null,
    requested_by: actingUserId(scope),
    requested_by_name: scope.actor.name,
    requested_at: at,
    lifetime_ms: TEMPORARY_PASSWORD_LIFETIME_MS,
    expires_at: of.expiresAt,
    cap_at: of.expiresAt,
    ticket_id: of.ticketId ?? null,
  });
}

/** "Verified" is said only of what the database now holds, and green only after it. @throws recovery_ended when somebody else was quicker */
async function requireThatItSignsIn(
  deps: Deps,
  scope: Scope,
  of: { user: User; password: string; passwordHash: string },
): Promise<void> {
  const { user, password, passwordHash } = of;
  const stored = await deps.db.inInstance(scope.instance.id, (tx) => findCredential(tx, scope, user.id));
  if (stored?.passwordHash !== passwordHash || stored.kind !== "temporary")
    throw new RekeyError("recovery_ended", {
      detail: "Somebody else changed it at the same moment. Look at the profile.",
    });
  if (!(await verifyCredential(password, stored))) throw new Error("What was stored does not sign in");
  await deps.db.inInstance(scope.instance.id, (tx) =>
    notify(tx, scope, deps.clock.now(), { ...PASSWORD_CHANGED, about: user.name }),
  );
}
