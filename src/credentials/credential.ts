import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";

/** @returns the user's password hash, or undefined when the user never set a password. */
export async function findPasswordHash(tx: Tx, scope: Scope, userId: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("credentials")
    .select("password_hash")
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row?.password_hash;
}

/** Writes the hash of a new password. Only `recovery/set-password.ts` and the first start call this, since more than the hash changes then. */
export async function replacePasswordHash(
  tx: Tx,
  scope: Scope,
  at: Date,
  to: { userId: string; passwordHash: string },
): Promise<void> {
  await tx
    .insertInto("credentials")
    .values({ instance_id: scope.instance.id, user_id: to.userId, password_hash: to.passwordHash, set_at: at })
    .onConflict((conflict) =>
      conflict.columns(["instance_id", "user_id"]).doUpdateSet({ password_hash: to.passwordHash, set_at: at }),
    )
    .execute();
}

/** Replaces a hash by one of the same password with today's parameters, unless the password was changed meanwhile. */
export async function upgradePasswordHash(
  tx: Tx,
  scope: Scope,
  of: { userId: string; from: string; to: string },
): Promise<void> {
  await tx
    .updateTable("credentials")
    .set({ password_hash: of.to })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("password_hash", "=", of.from)
    .execute();
}
