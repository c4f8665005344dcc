import type { Credential } from "#credentials/credential.ts";
import { verifyPassword } from "#credentials/password-hash.ts";
import { canonicalTemporaryPassword } from "#credentials/temporary-password.ts";
import { RekeyError } from "#lib/errors.ts";

/** Why a password that somebody else may know cannot become the person's own. A permanent one may stay what it is. */
const REFUSALS = {
  temporary: { code: "same_as_temporary", detail: "This is the temporary password. Choose one that only you know." },
  refused: { code: "same_as_refused", detail: "This password is refused from now on. Choose another one." },
  permanent: undefined,
} as const;

/**
 * A temporary password was read aloud, and a refused one may be in the wrong hands: neither comes back as the person's own.
 * @throws password_rejected on that field
 */
export async function requireAnotherPassword(
  password: string,
  stored: Credential | undefined,
  field: "password" | "new_password",
): Promise<void> {
  const refusal = stored && REFUSALS[stored.kind];
  if (!refusal) return;
  const given = stored.isGenerated ? canonicalTemporaryPassword(password, true) : password;
  if (!(await verifyPassword(given, stored.passwordHash))) return;
  throw new RekeyError("password_rejected", { detail: refusal.detail, fields: [{ field, ...refusal }] });
}
