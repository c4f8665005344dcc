import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Email } from "#mail-delivery/email.ts";
import { type Keyring, sameMac } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";

/*
 * Every mail that tells of a change of somebody's credentials has a link by which its reader says that it was not them. Like
 * the link of a recovery it is derived when the mail is written: the mail's id, the id of the key, and a MAC over what it is
 * bound to.
 */
const ID_BYTES = 16;
const KEY_ID_BYTES = 4;
const TOKEN_BYTES = ID_BYTES + KEY_ID_BYTES + 32;

/** A change that nobody disowned for this long is taken for theirs. */
const LIFETIME_MS = 7 * DAY_MS;

/** @returns the address that goes into the mail. */
export function notMeLinkOf(keyring: Keyring, instance: Instance, email: Email): string {
  const token = tokenOf(keyring, instance, { ...email, keyId: keyring.currentKeyId });
  return `${instance.origin}/not-me/${token?.toString("base64url") ?? ""}`;
}

/** @returns the mail that the token belongs to. @throws link_invalid for everything else, link_expired after a week */
export async function getDisownedEmail(deps: Deps, tx: Tx, scope: Scope, token: string): Promise<Email> {
  const bytes = Buffer.from(token, "base64url");
  if (bytes.length !== TOKEN_BYTES || bytes.toString("base64url") !== token) throw new RekeyError("link_invalid");
  const hex = bytes.toString("hex", 0, ID_BYTES);
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const email = await tx
    .selectFrom("emails")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .executeTakeFirst();
  const keyId = bytes.toString("hex", ID_BYTES, ID_BYTES + KEY_ID_BYTES);
  const expected = email && tokenOf(deps.keyring, scope.instance, { ...email, keyId });
  if (!email || !expected || !sameMac(expected, bytes)) throw new RekeyError("link_invalid");
  if (after(email.queued_at, LIFETIME_MS) > deps.clock.now()) return email;
  throw new RekeyError("link_expired", { detail: "It worked for a week. Tell your administrator what happened." });
}

function tokenOf(
  keyring: Keyring,
  instance: Instance,
  of: { id: string; user_id: string; keyId: string },
): Buffer | undefined {
  const mac = keyring.sign(of.keyId, "not me", [of.id, instance.id, of.user_id]);
  return mac && Buffer.concat([Buffer.from(of.id.replaceAll("-", "") + of.keyId, "hex"), mac]);
}
