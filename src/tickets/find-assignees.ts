import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import { findActiveUsers, type User } from "#users/user.ts";

/** @returns everybody who can be given a ticket, by name. */
export function findAssignees(tx: Tx, scope: Scope): Promise<readonly User[]> {
  return findActiveUsers(
    tx,
    scope,
    ROLE_NAMES.filter((role) => ROLES[role].permissions.has("tickets.work")),
  );
}
