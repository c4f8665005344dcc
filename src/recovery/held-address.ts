import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { fold } from "#lib/text.ts";
import { findSuppression } from "#mail-delivery/suppressed-address.ts";
import type { Tx } from "#platform/database/database.ts";
import type { User } from "#users/user.ts";

/**
 * Where the old address was theirs beyond doubt, whoever changed it must not be able to have a way in sent to the new one at
 * once: it waits a day, or for a second administrator.
 * @returns until when no way in is sent there; null where nothing is held
 */
export async function heldUntil(tx: Tx, scope: Scope, at: Date, before: User): Promise<Date | null> {
  if (scope.approved !== undefined) return null;
  return (await isAddressProven(tx, scope, before)) ? after(at, DAY_MS) : before.addressHeldUntil;
}

/** @returns whether the user has set a password with a link that was mailed to the address they have, and mails still arrive there. */
async function isAddressProven(tx: Tx, scope: Scope, { id, email }: User): Promise<boolean> {
  const sentTo = await tx
    .selectFrom("recoveries")
    .innerJoin("emails", (join) =>
      join
        .onRef("emails.recovery_id", "=", "recoveries.id")
        .onRef("emails.instance_id", "=", "recoveries.instance_id")
        .on("emails.state", "=", "accepted"),
    )
    .select("recoveries.sent_to")
    .where("recoveries.instance_id", "=", scope.instance.id)
    .where("recoveries.user_id", "=", id)
    .where("recoveries.state", "=", "completed")
    .execute();
  const isCompleted = sentTo.some(({ sent_to: address }) => fold(address ?? "") === fold(email));
  return isCompleted && (await findSuppression(tx, scope.instance, email)) === undefined;
}
