import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";

/**
 * @returns when each of these users last did something in a session that nobody else has ended, to the minute; nothing for who
 *   has none. Signing out is the last thing that they did in one.
 */
export async function findLastActivity(
  tx: Tx,
  scope: Scope,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("sessions")
    .select(["user_id", (row) => row.fn.max("last_active_at").as("at")])
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "in", userIds)
    .where((session) =>
      session.or([session("ended_at", "is", null), session("last_active_at", ">=", session.ref("ended_at"))]),
    )
    .groupBy("user_id")
    .execute();
  return new Map(rows.map((row) => [row.user_id, new Date(row.at)]));
}
