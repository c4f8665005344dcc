import { refuseCredential, refuseEveryCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import type { RecoveryMethod } from "#platform/database/tables.ts";
import { recordEvent, recordEvents } from "./timeline.ts";

/** What made a recovery worthless before anybody used it. */
type RevokedBecause =
  | "password_changed"
  | "password_refused"
  | "address_changed"
  | "deactivated"
  | "role_denies_access"
  | "instance_suspended"
  | "everything_ended"
  | "disowned";

/**
 * No link of the user works any more, and no temporary password; of one method only, if one is named. Repeats safely. Call it
 * with the user's row locked.
 * @returns how many recoveries ended.
 */
export async function revokeOpenRecoveries(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; because: RevokedBecause; method?: RecoveryMethod },
): Promise<number> {
  let open = tx
    .updateTable("recoveries")
    .set({ state: "revoked", ended_because: of.because })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("state", "=", "open");
  if (of.method) open = open.where("method", "=", of.method);
  const revoked = await open.returning(["id", "method"]).execute();
  for (const { id } of revoked)
    await recordEvent(tx, scope, id, { event: "revoked", at, detail: { because: of.because } });
  if (revoked.some(({ method }) => method === "temporary_password"))
    await refuseCredential(tx, scope, of.userId, "temporary");
  return revoked.length;
}

/** The same for everybody of the instance, in a few statements however many they are. @returns how many recoveries ended. */
export async function revokeEveryRecovery(tx: Tx, scope: Scope, at: Date, because: RevokedBecause): Promise<number> {
  const revoked = await tx
    .updateTable("recoveries")
    .set({ state: "revoked", ended_because: because })
    .where("instance_id", "=", scope.instance.id)
    .where("state", "=", "open")
    .returning("id")
    .execute();
  const ids = revoked.map(({ id }) => id);
  await recordEvents(tx, scope, ids, { event: "revoked", at, detail: { because } });
  await refuseEveryCredential(tx, scope, "temporary");
  return ids.length;
}
