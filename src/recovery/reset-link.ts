import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { type Keyring, sameMac } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { exactWords } from "#ui/relative-time.ts";
import { endOf, getRecovery, isLive, type Recovery } from "./recovery.ts";

/*
 * A token is the recovery's id and a MAC over everything that the link is bound to. Nothing of the MAC is stored: it is
 * derived when a mail is written and again when a link is followed, so that no copy of the database opens an account.
 */
const ID_BYTES = 16;
const TOKEN_BYTES = ID_BYTES + 32;

/**
 * @returns the address that goes into the mail.
 * @throws Error when the key that made the link is no longer configured: REKEY_SECRET lost a secret too early.
 */
export function linkOf(keyring: Keyring, instance: Instance, recovery: Recovery): string {
  const token = tokenOf(keyring, instance, recovery);
  if (!token) throw new Error(`The key ${recovery.keyId} of a link is not in REKEY_SECRET any more`);
  return `${instance.origin}/reset-password/${token}`;
}

/**
 * @returns the recovery that the token belongs to, in whatever state it is.
 * @throws link_invalid for everything else: cut short, made up, or of another instance, user or purpose.
 */
export async function getRecoveryByToken(deps: Deps, tx: Tx, scope: Scope, token: string): Promise<Recovery> {
  const id = recoveryIdOf(token);
  if (!id) throw new RekeyError("link_invalid");
  const recovery = await getRecovery(tx, scope, id).catch((error: unknown) => {
    throw error instanceof RekeyError && error.code === "not_found" ? new RekeyError("link_invalid") : error;
  });
  const expected = tokenOf(deps.keyring, scope.instance, recovery);
  if (!expected || !sameMac(Buffer.from(expected), Buffer.from(token))) throw new RekeyError("link_invalid");
  return recovery;
}

/** @returns the id of the recovery that a token speaks of, unproven; undefined when the text cannot be a token. */
export function recoveryIdOf(token: string): string | undefined {
  const bytes = Buffer.from(token, "base64url");
  // Some texts decode to the same bytes; only the one that the bytes encode to is the token.
  if (bytes.length !== TOKEN_BYTES || bytes.toString("base64url") !== token) return undefined;
  const hex = bytes.toString("hex", 0, ID_BYTES);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @throws link_used, link_revoked or link_expired, with when it ended, unless the link can be redeemed now. */
export function requireLive(recovery: Recovery, instance: Instance, now: Date): void {
  if (isLive(recovery, now)) return;
  if (recovery.storedState === "completed") {
    const at = recovery.completedAt ?? now;
    throw new RekeyError("link_used", {
      detail: `It was used on ${exactWords(at, instance.timeZone)}. Sign in with your password; if you have forgotten it, ask there for a fresh link. If it was not you who used it, tell your administrator.`,
    });
  }
  if (recovery.storedState === "revoked") throw new RekeyError("link_revoked");
  const end = endOf(recovery);
  throw new RekeyError("link_expired", {
    detail: `It ended on ${exactWords(end, instance.timeZone)}. Ask for a fresh one.`,
    members: { expired_at: end.toISOString() },
  });
}

function tokenOf(keyring: Keyring, instance: Instance, recovery: Recovery): string | undefined {
  const { keyId, nonce } = recovery;
  if (keyId === null || nonce === null) return undefined; // A temporary password has no link.
  const purpose = recovery.origin === "invitation" ? "invitation" : "reset link";
  const mac = keyring.sign(keyId, purpose, [recovery.id, instance.id, recovery.userId, nonce]);
  return mac && Buffer.concat([Buffer.from(recovery.id.replaceAll("-", ""), "hex"), mac]).toString("base64url");
}
