import { askingApproval, requireNoTakeoverLately } from "#approvals/second-administrator.ts";
import { type AuditTarget, audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, getUser, lockUser, targetWithId, type User } from "#users/user.ts";
import { issueResetLink } from "./issue-reset-link.ts";
import { requireTicket } from "./recovery-ticket.ts";
import { findRecoveryUser, getRecovery, isLive, type Recovery } from "./recovery.ts";
import { requireBrakeReleased } from "./reset-brake.ts";
import { linkOf } from "./reset-link.ts";
import { recordVerification, requireVerificationForLink, type Verification } from "./verification.ts";

/** A link that leaves by somebody's hand instead of by mail. */
export interface CopiedLink {
  readonly user: User;
  readonly recovery: Recovery;
  /** Whoever has it can set the password: write it nowhere but into the one answer to who asked. */
  readonly link: string;
}

interface Copying {
  readonly reason?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly verification?: Verification | undefined;
}

/**
 * Copy reset link: the acting person is shown the user's live link, or a new one where none is live. Its life begins now; the
 * timeline says who copied it. The user is not told at this moment, since nothing has changed for them and mail is what does
 * not reach them; the mail about the new password names who had the copy.
 * @throws not_permitted, also where the instance lets links leave by mail alone; step_up_required, approval_required,
 *   address_held, not_found, user_inactive, role_denies_access, user_frozen, validation_failed (on `verification`, `ticket_id`)
 */
export function copyResetLink(deps: Deps, scope: Scope, input: Copying & { userId: string }): Promise<CopiedLink> {
  const { userId, reason, ticketId } = input;
  const act = { action: "recovery.copy_link", target: targetWithId(scope, userId), reason, ticketId } as const;
  const copyOne = async (tx: Tx): Promise<CopiedLink> => {
    requireMayCopyLinks(scope);
    return copy(deps, tx, scope, { user: await lockUser(tx, scope, userId), ...input });
  };
  return askingApproval(deps, scope, () => audited(deps, scope, act, copyOne));
}

/**
 * The same for the link of one recovery, as long as that is live.
 * @throws no_live_link, and what copyResetLink throws
 */
export function copyLinkOfRecovery(
  deps: Deps,
  scope: Scope,
  input: Copying & { recoveryId: string },
): Promise<CopiedLink> {
  const { recoveryId, reason } = input;
  const act = { action: "recovery.copy_link", target: userOfRecovery(scope, recoveryId), reason } as const;
  const copyAgain = async (tx: Tx): Promise<CopiedLink> => {
    requireMayCopyLinks(scope);
    const user = await lockUser(tx, scope, (await getRecovery(tx, scope, recoveryId)).userId);
    requireMayActOn(scope, user);
    const recovery = await getRecovery(tx, scope, recoveryId); // Once more, now that nobody else can end it.
    if (recovery.method !== "reset_link" || !isLive(recovery, deps.clock.now())) throw new RekeyError("no_live_link");
    return copy(deps, tx, scope, { user, ...input });
  };
  return askingApproval(deps, scope, () => audited(deps, scope, act, copyAgain));
}

/** @throws not_permitted where links leave by mail alone. The operator is trusted. */
export function requireCopiedLinks({ instance, actor }: Scope): void {
  if (instance.allowsCopiedLinks || actor.type === "operator") return;
  const detail = "Links of this instance leave by mail alone. An Owner or Admin can change that in Settings, Security.";
  throw new RekeyError("not_permitted", { detail });
}

/** @returns the name of who copied the link last, or undefined when it only ever left by mail. */
export async function findCopier(tx: Tx, scope: Scope, recoveryId: string): Promise<string | undefined> {
  const copied = await tx
    .selectFrom("recovery_events")
    .select("detail")
    .where("instance_id", "=", scope.instance.id)
    .where("recovery_id", "=", recoveryId)
    .where("event", "=", "requested")
    .where((event) => event(event.ref("detail", "->>").key("copied"), "=", "true"))
    .orderBy("id", "desc")
    .executeTakeFirst();
  return copied && String(copied.detail.by);
}

function requireMayCopyLinks(scope: Scope): void {
  requirePermission(scope, "recovery.copy_link");
  requireCopiedLinks(scope);
}

async function copy(deps: Deps, tx: Tx, scope: Scope, of: Copying & { user: User }): Promise<CopiedLink> {
  const { user, reason, ticketId, verification } = of;
  requireMayActOn(scope, user);
  requireFreshSignIn(scope, deps.clock.now());
  await requireNoTakeoverLately(tx, scope, deps.clock.now(), user);
  requireVerificationForLink(scope, verification);
  await requireTicket(tx, scope, ticketId);
  await requireBrakeReleased(tx, scope, deps.clock.now());
  const origin = scope.actor.type === "operator" ? "operator" : "admin";
  const recovery = await issueResetLink(deps, tx, scope, { user, origin, by: "hand", ticketId });
  const at = deps.clock.now();
  if (verification) await recordVerification(tx, scope, at, { recoveryId: recovery.id, verification });
  const detail = { recovery_id: recovery.id, verification: verification?.method ?? null };
  await recordAuditEvent(tx, scope, at, {
    action: "recovery.copy_link",
    target: asTarget(user),
    reason,
    ticketId,
    detail,
  });
  return { user, recovery, link: linkOf(deps.keyring, scope.instance, recovery) };
}

function userOfRecovery(scope: Scope, recoveryId: string): (tx: Tx) => Promise<AuditTarget> {
  return async (tx) => {
    const userId = await findRecoveryUser(tx, scope, recoveryId);
    return userId === undefined ? { type: "user", id: null, name: "" } : asTarget(await getUser(tx, scope, userId));
  };
}
