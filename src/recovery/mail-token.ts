import { sql } from "kysely";

import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Email } from "#mail-delivery/email.ts";
import { type Keyring, sameMac } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";

/*
 * What the reader of a mail may say by a link in it. Like the link of a recovery it is derived when the mail is written: the
 * mail's id, the id of the key, and a MAC over what it is bound to.
 */
const ID_BYTES = 16;
const KEY_ID_BYTES = 4;
const TOKEN_BYTES = ID_BYTES + KEY_ID_BYTES + 32;

/** What a token lets its bearer say; one for another purpose is none. */
type Purpose = "not me" | "ticket answer";

/** @returns the token of a mail, in letters that an address takes. Write it nowhere but into the mail. */
export function mailTokenOf(keyring: Keyring, instance: Instance, purpose: Purpose, email: Email): string {
  return tokenOf(keyring, instance, purpose, { email, keyId: keyring.currentKeyId })?.toString("base64url") ?? "";
}

/** @returns the mail that the token belongs to. @throws link_invalid for everything else */
export async function getEmailByToken(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  of: { purpose: Purpose; token: string },
): Promise<Email> {
  const id = mailIdOf(of.token);
  if (id === undefined) throw notComplete();
  const email = await tx
    .selectFrom("emails")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .executeTakeFirst();
  const bytes = Buffer.from(of.token, "base64url");
  const keyId = bytes.toString("hex", ID_BYTES, ID_BYTES + KEY_ID_BYTES);
  const expected = email && tokenOf(deps.keyring, scope.instance, of.purpose, { email, keyId });
  if (!email || !expected || !sameMac(expected, bytes)) throw notComplete();
  return email;
}

/** Nobody mails a fresh one, as of a link that sets a password. */
function notComplete(): RekeyError {
  return new RekeyError("link_invalid", {
    detail: "Open the mail again and click the button, or copy the whole address.",
  });
}

/**
 * Says in the mail itself that its token was used: check and change are one statement, so that of many at once one counts.
 * @returns whether it had not been used before.
 */
export async function useMailToken(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { emailId: string; mark: "disowned_at" | "answered_at" },
): Promise<boolean> {
  const used = await tx
    .updateTable("emails")
    .set({ data: sql`data || jsonb_build_object(${of.mark}::text, ${at.toISOString()}::text)` })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", of.emailId)
    .where(sql<boolean>`not data ? ${of.mark}`)
    .executeTakeFirst();
  return used.numUpdatedRows > 0n;
}

/** @returns the id of the mail that a token speaks of, unproven; undefined when the text cannot be a token. */
export function mailIdOf(token: string): string | undefined {
  const bytes = Buffer.from(token, "base64url");
  // Some texts decode to the same bytes; only the one that the bytes encode to is the token.
  if (bytes.length !== TOKEN_BYTES || bytes.toString("base64url") !== token) return undefined;
  return bytes.toString("hex", 0, ID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function tokenOf(
  keyring: Keyring,
  instance: Instance,
  purpose: Purpose,
  { email, keyId }: { email: Email; keyId: string },
): Buffer | undefined {
  const mac = keyring.sign(keyId, purpose, [email.id, instance.id, email.user_id ?? ""]);
  return mac && Buffer.concat([Buffer.from(email.id.replaceAll("-", "") + keyId, "hex"), mac]);
}
