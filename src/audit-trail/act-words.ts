import type { AuditAction } from "#audit/audit-event.ts";

/** What each act is called on the page, in the order in which one chooses from them. */
export const ACT_WORDS: Readonly<Record<AuditAction, string>> = {
  "recovery.request": "Reset link requested",
  "recovery.copy_link": "Reset link copied",
  "recovery.correct_and_send": "Address corrected, reset link requested",
  "recovery.complete": "Reset link used",
  "recovery.revoke": "Recovery revoked",
  "recovery.set_temporary_password": "Temporary password set",
  "recovery.require_new_password": "New password required",
  "password.change": "Password changed",
  "password.disown": "“This was not me”",
  "session.create": "Signed in",
  "session.refuse": "Sign-in refused",
  "session.confirm": "Confirmed with the password",
  "session.end": "Signed out",
  "user.create": "User created",
  "user.import": "Users imported",
  "user.update": "User edited",
  "user.deactivate": "User deactivated",
  "user.reactivate": "User reactivated",
  "access.request": "Access requested",
  "approval.request": "Approval asked for",
  "approval.approve": "Approved",
  "approval.refuse": "Approval refused",
  "user.lock": "Locked after failed sign-ins",
  "user.enable_login": "Login enabled",
  "user.thaw": "Account thawed",
  "ticket.open": "Ticket opened",
  "ticket.update": "Ticket changed",
  "ticket.reply": "Ticket replied to",
  "ticket.answer": "Ticket answered by the requester",
  "api_key.create": "API key made",
  "api_key.revoke": "API key revoked",
  "settings.update": "Settings changed",
  "settings.test_sender": "Sender tested",
  "address.suppress": "Address bounced, no more mail to it",
  "address.release": "Address released after a bounce",
  "audit.export": "Record exported",
  "instance.create": "Instance created",
  "instance.end_everything": "Everything ended",
  "instance.find": "Where an address signs in asked for",
  "instance.suspend": "Instance suspended",
  "instance.resume": "Instance resumed",
};

/** @returns the words for an act; its own name for one of a newer version. */
export function actWords(action: string): string {
  return Object.hasOwn(ACT_WORDS, action) ? ACT_WORDS[action as AuditAction] : action;
}
