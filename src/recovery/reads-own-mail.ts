import { findCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import { findSuppression } from "#mail-delivery/suppressed-address.ts";
import type { Tx } from "#platform/database/database.ts";
import type { User } from "#users/user.ts";
import { findCopier } from "./copy-reset-link.ts";

/**
 * @returns whether whoever signs in to the account reads the mail of its address: the last link that they set a password with
 *   was taken by a mail server for that very address, where mails still arrive, nobody copied it, and since it was asked for no
 *   administrator has set or refused a password. Nothing less proves it: an administrator can give an account any address and
 *   sign in to it with a temporary password.
 */
export async function readsOwnMail(tx: Tx, scope: Scope, user: User): Promise<boolean> {
  const instanceId = scope.instance.id;
  if ((await findCredential(tx, scope, user.id))?.kind !== "permanent") return false;
  if (await findSuppression(tx, scope.instance, user.email)) return false;
  const link = await tx
    .selectFrom("recoveries")
    .select(["id", "sent_to", "requested_at"])
    .where("instance_id", "=", instanceId)
    .where("user_id", "=", user.id)
    .where("method", "=", "reset_link")
    .where("state", "=", "completed")
    .orderBy("completed_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!link || fold(link.sent_to ?? "") !== fold(user.email)) return false;
  const mail = await tx
    .selectFrom("emails")
    .select("id")
    .where("instance_id", "=", instanceId)
    .where("recovery_id", "=", link.id)
    .where("to_address", "=", link.sent_to)
    .where("state", "=", "accepted")
    .executeTakeFirst();
  const temporary = await tx
    .selectFrom("recoveries")
    .select("id")
    .where("instance_id", "=", instanceId)
    .where("user_id", "=", user.id)
    .where("method", "=", "temporary_password")
    .where("requested_at", ">=", link.requested_at)
    .executeTakeFirst();
  return mail !== undefined && temporary === undefined && (await findCopier(tx, scope, link.id)) === undefined;
}
