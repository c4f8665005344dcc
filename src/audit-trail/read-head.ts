import { findHead, type Head } from "#audit-seals/seal.ts";
import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";

/** @returns up to where the record of the instance is sealed, or undefined in its first seconds. @throws not_permitted */
export async function readHead(deps: Deps, scope: Scope): Promise<Head | undefined> {
  requirePermission(scope, "audit.read");
  return deps.db.inInstance(scope.instance.id, (tx) => findHead(tx, scope));
}
