import { askingApproval, requireSecondAdministrator } from "#approvals/second-administrator.ts";
import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import { fold } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { heldUntil } from "#recovery/held-address.ts";
import { issueResetLink, requireLinkToHelp } from "#recovery/issue-reset-link.ts";
import { findOpenLink, type Recovery } from "#recovery/recovery.ts";
import { requireTicket } from "#recovery/recovery-ticket.ts";
import { requireBrakeReleased } from "#recovery/reset-brake.ts";
import { LINK_SENT, type LinkRequest } from "#recovery/send-reset-link.ts";
import { recordVerification, requireVerificationForLink } from "#recovery/verification.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { asTarget, lockUser, targetWithId, type User } from "#users/user.ts";
import { applyChanges } from "./update-user.ts";

interface Correction extends LinkRequest {
  readonly userId: string;
  readonly email: string;
}

/**
 * Correct address and send: the user has the new address, the old one is told of it and links that went there are dead, and a
 * fresh link to the new one waits in the outbox, though nothing is sent to the old one. All of it or nothing, one act in the
 * record.
 * @throws not_permitted, not_found, user_inactive, role_denies_access, email_taken, address_suppressed (of the new one),
 *   validation_failed (on `email`, also where it is the present one; on `verification`, `ticket_id`)
 */
export async function correctAndSend(deps: Deps, scope: Scope, input: Correction): Promise<Recovery> {
  const { userId, email, reason, ticketId, verification } = input;
  const target = targetWithId(scope, userId);
  const act = { action: "recovery.correct_and_send", target, reason, ticketId } as const;
  const correct = async (tx: Tx): Promise<Recovery> => {
    requirePermission(scope, "recovery.send_link");
    requirePermission(scope, "users.edit");
    const before = await lockUser(tx, scope, userId);
    requireMayActOn(scope, before);
    requireLinkToHelp(before);
    requireAnother(email, before);
    requireVerificationForLink(scope, verification);
    await requireTicket(tx, scope, ticketId);
    const at = deps.clock.now();
    const addressHeldUntil = await heldUntil(tx, scope, at, before);
    const user = { ...before, addressHeldUntil };
    const wanted = { act: "correct_and_send", user, input: { email, reason, ticketId, verification } } as const;
    await requireBrakeReleased(tx, scope, at);
    await requireSecondAdministrator(tx, scope, at, wanted);
    // The link that ends with the old address may have been sent in a ticket; this one is about the same matter.
    const inTicket = ticketId ?? (await findOpenLink(tx, scope, userId))?.ticketId ?? undefined;
    const after = await applyChanges(tx, scope, at, { before, changes: { email } });
    const link = { user: { ...after, addressHeldUntil }, origin: "admin", by: "mail", ticketId: inTicket } as const;
    const issued = await issueResetLink(deps, tx, scope, link);
    if (verification) await recordVerification(tx, scope, at, { recoveryId: issued.id, verification });
    const detail = {
      recovery_id: issued.id,
      email_from: before.email,
      email_to: after.email,
      verification: verification?.method ?? null,
    };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(after), detail });
    await notify(tx, scope, at, { ...LINK_SENT, about: after.name });
    return issued;
  };
  const recovery = await askingApproval(deps, scope, () => audited(deps, scope, act, correct));
  deps.wakeWorker();
  return recovery;
}

function requireAnother(email: string, { email: present }: User): void {
  if (fold(email) !== fold(present)) return;
  const detail = "This is the address already. Change it here, or use Send Reset Link to send to it again.";
  throw invalidFields([{ field: "email", code: "unchanged", detail }]);
}
