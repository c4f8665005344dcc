import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import { findLatestRecoveries, type Recovery } from "#recovery/recovery.ts";

/** How a user can get in at the moment. */
export interface Access {
  readonly password: "none" | "set";
  /** The newest recovery, whatever became of it. */
  readonly latestRecovery: Recovery | undefined;
}

/** @returns the access of each of these users. */
export async function readAccess(
  tx: Tx,
  scope: Scope,
  userIds: readonly string[],
): Promise<{ of(userId: string): Access }> {
  const latest = await findLatestRecoveries(tx, scope, userIds);
  const withPassword = await findUsersWithPassword(tx, scope, userIds);
  return {
    of: (userId) => ({ password: withPassword.has(userId) ? "set" : "none", latestRecovery: latest.get(userId) }),
  };
}

async function findUsersWithPassword(tx: Tx, scope: Scope, userIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (userIds.length === 0) return new Set();
  const rows = await tx
    .selectFrom("credentials")
    .select("user_id")
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "in", userIds)
    .execute();
  return new Set(rows.map((row) => row.user_id));
}
