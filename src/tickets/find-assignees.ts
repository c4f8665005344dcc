import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import { toUser, type User } from "#users/user.ts";

/** @returns everybody who can be given a ticket, by name. */
export async function findAssignees(tx: Tx, scope: Scope): Promise<readonly User[]> {
  const rows = await tx
    .selectFrom("users")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("status", "=", "active")
    .where(
      "role",
      "in",
      ROLE_NAMES.filter((role) => ROLES[role].permissions.has("tickets.work")),
    )
    .orderBy("name_key")
    .orderBy("id")
    .execute();
  return rows.map(toUser);
}
