import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";

/** @returns the ids of the users whose mails with a link came back or were refused, the last of them first. */
export async function findUnreachedUsers(tx: Tx, scope: Scope, limit: number): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("emails")
    .innerJoin("recoveries", (join) =>
      join.onRef("recoveries.instance_id", "=", "emails.instance_id").onRef("recoveries.id", "=", "emails.recovery_id"),
    )
    .select("recoveries.user_id")
    .where("emails.instance_id", "=", scope.instance.id)
    .where("emails.state", "in", ["bounced", "failed"])
    .where("emails.recovery_id", "is not", null) // What the index says; the join alone does not lead to it.
    .orderBy("emails.queued_at", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => row.user_id);
}

/**
 * @returns the ids of the users with recoveries since which nobody has signed in, or that are still open, as a temporary
 *   password is until it is changed; newest first among invitations, then among others. `limit` counts invitations apart, which come by the hundred.
 */
export async function findUsersUnderWay(tx: Tx, scope: Scope, limit: number): Promise<readonly string[]> {
  const recoveries = tx
    .selectFrom("recoveries")
    .select("user_id")
    .where("instance_id", "=", scope.instance.id)
    .where((recovery) => recovery.or([recovery("signed_in_at", "is", null), recovery("state", "=", "open")]))
    .orderBy("id", "desc")
    .limit(limit);
  const [invited, others] = await Promise.all([
    recoveries.where("origin", "=", "invitation").execute(),
    recoveries.where("origin", "<>", "invitation").execute(),
  ]);
  return [...invited, ...others].map((row) => row.user_id);
}
