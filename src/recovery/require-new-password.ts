import { askingApproval, requireSecondAdministrator } from "#approvals/second-administrator.ts";
import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import { findCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { invalidFields, RekeyError } from "#lib/errors.ts";
import { findTextFault } from "#lib/fields.ts";
import { keepable } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, lockUser, targetWithId } from "#users/user.ts";
import { issueResetLink } from "./issue-reset-link.ts";
import type { Recovery } from "./recovery.ts";
import { requireBrakeReleased } from "./reset-brake.ts";
import { refusePassword } from "./set-password.ts";
import { requireTicket } from "./recovery-ticket.ts";
import type { LinkRequest } from "./send-reset-link.ts";
import { recordVerification, requireVerificationForLink } from "./verification.ts";

/**
 * Require New Password, for a security update: the user's sessions are over, the old password is refused from now on, and
 * a mail that says so, with the link to set a new one, is in the outbox.
 * @throws not_permitted, approval_required, address_held, not_found, user_inactive, role_denies_access, no_password_yet, validation_failed (on `reason`, on `ticket_id`, or on
 *   `verification` where the instance demands one for links)
 */
export async function requireNewPassword(
  deps: Deps,
  scope: Scope,
  input: LinkRequest & { userId: string },
): Promise<Recovery> {
  const { reason, ticketId, verification } = input;
  const target = targetWithId(scope, input.userId);
  const act = {
    action: "recovery.require_new_password",
    target,
    reason: reason && keepable(reason),
    ticketId,
  } as const;
  const require = async (tx: Tx): Promise<Recovery> => {
    requirePermission(scope, "recovery.set_temporary_password");
    const user = await lockUser(tx, scope, input.userId);
    requireMayActOn(scope, user);
    const credential = await findCredential(tx, scope, user.id);
    if (!credential) throw new RekeyError("no_password_yet");
    requireText(reason);
    requireVerificationForLink(scope, verification);
    await requireTicket(tx, scope, ticketId);
    const at = deps.clock.now();
    await requireBrakeReleased(tx, scope, at);
    await requireSecondAdministrator(tx, scope, at, {
      act: "require_new_password",
      user,
      input: { sentTo: user.email, reason, ticketId, verification },
    });
    const origin = scope.actor.type === "operator" ? "operator" : "admin";
    const { sessionsEnded } = await refusePassword(tx, scope, at, user.id);
    const hasNews = credential.kind !== "refused"; // Otherwise the last mail said so already.
    const link = { user, origin, by: "mail", hasNews, ticketId } as const;
    const issued = await issueResetLink(deps, tx, scope, link);
    if (verification) await recordVerification(tx, scope, at, { recoveryId: issued.id, verification });
    const detail = { recovery_id: issued.id, sessions_ended: sessionsEnded };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(user), detail });
    await notify(tx, scope, at, {
      kind: "success",
      title: "Success",
      text: `${user.name} is signed out everywhere, the old password is refused from now on, and the link to set a new one is on its way.`,
    });
    return issued;
  };
  const recovery = await askingApproval(deps, scope, () => audited(deps, scope, act, require));
  deps.wakeWorker();
  return recovery;
}

const LONGEST_REASON = 500;

function requireText(reason: string | undefined): void {
  const fault = findTextFault("reason", reason ?? "", LONGEST_REASON);
  if (fault) throw invalidFields([fault]);
}
