import { askingApproval, requireSecondAdministrator } from "#approvals/second-administrator.ts";
import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, lockUser, targetWithId } from "#users/user.ts";
import { issueResetLink } from "./issue-reset-link.ts";
import type { Recovery } from "./recovery.ts";
import { requireTicket } from "./recovery-ticket.ts";
import { requireBrakeReleased } from "./reset-brake.ts";
import { recordVerification, requireVerificationForLink, type Verification } from "./verification.ts";

/** The words of the help-centre article, to the letter. */
export const LINK_SENT = {
  kind: "success",
  title: "Success",
  text: "Reset Password Instruction has been sent successfully!",
} as const;

/** Why somebody is sent a link, in which ticket, and how the administrator made sure of who was asking. */
export interface LinkRequest {
  readonly reason?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly verification?: Verification | undefined;
}

/**
 * Send Reset Link: a mail with the user's link is durably queued when this returns, and the acting user's notification
 * with it. Repeats safely: clicks within a minute of the last mail send no second one.
 * @throws not_permitted, step_up_required, approval_required, address_held, address_suppressed, not_found, user_inactive,
 *   user_frozen, role_denies_access, too_many_requests, and validation_failed (on `ticket_id`; on `verification` where the
 *   instance wants to know how the administrator made sure of who was asking); each is recorded as a refusal
 */
export async function sendResetLink(
  deps: Deps,
  scope: Scope,
  input: LinkRequest & { userId: string },
): Promise<Recovery> {
  const target = targetWithId(scope, input.userId);
  const { reason, ticketId, verification } = input;
  const act = { action: "recovery.request", target, reason, ticketId } as const;
  const send = async (tx: Tx): Promise<Recovery> => {
    requirePermission(scope, "recovery.send_link");
    const user = await lockUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    requireVerificationForLink(scope, verification);
    await requireTicket(tx, scope, ticketId);
    const wanted = {
      act: "send_reset_link",
      user,
      input: { sentTo: user.email, reason, ticketId, verification },
    } as const;
    await requireBrakeReleased(tx, scope, deps.clock.now());
    await requireSecondAdministrator(tx, scope, deps.clock.now(), wanted);
    const origin = scope.actor.type === "operator" ? "operator" : "admin";
    const issued = await issueResetLink(deps, tx, scope, { user, origin, by: "mail", ticketId });
    const at = deps.clock.now();
    if (verification) await recordVerification(tx, scope, at, { recoveryId: issued.id, verification });
    const detail = { recovery_id: issued.id, sent_to: issued.sentTo, verification: verification?.method ?? null };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user), detail });
    await notify(tx, scope, at, { ...LINK_SENT, about: user.name });
    return issued;
  };
  const recovery = await askingApproval(deps, scope, () => audited(deps, scope, act, send));
  deps.wakeWorker();
  return recovery;
}
