import type { AuditEvent } from "#audit/audit-event.ts";
import { findTitle } from "#lib/errors.ts";

/** Why somebody was not let in, for who may see it: strangers are told the same for all, so that `ERRORS` has no row for these. */
const ONLY_FOR_ADMINISTRATORS: Readonly<Record<string, string>> = {
  unknown_user: "Nobody goes by this",
  locked: "Locked, whatever the password",
  wrong_password: "Wrong password",
  no_password: "No password was ever set",
  new_password_required: "The old password, after a new one was required",
  temporary_password_expired: "The temporary password had expired",
  inactive: "The user is inactive",
  no_access: "The role is No Access",
  invalid_credentials: "The password was changed at the same moment",
};

/** @returns how the code of a refusal reads, or undefined for what is no code. */
export function codeWords(code: string): string | undefined {
  return Object.hasOwn(ONLY_FOR_ADMINISTRATORS, code) ? ONLY_FOR_ADMINISTRATORS[code] : findTitle(code);
}

/** @returns what an administrator said, why the act was refused, or one after the other. */
export function reasonWords({ result, reason, detail }: AuditEvent): string | null {
  if (result === "ok" || reason === null) return reason;
  const code = typeof detail.code === "string" ? detail.code : reason;
  const words = codeWords(code) ?? code;
  return reason === code ? words : `${reason} – ${words}`;
}
