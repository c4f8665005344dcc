import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Role } from "#platform/database/tables.ts";
import { type Permission, ROLE_NAMES, ROLES, rolesWith } from "./roles.ts";
import type { User } from "./user.ts";

/** @throws not_permitted with the roles that have the permission, when the actor's has not. The operator and the system may all. */
export function requirePermission(scope: Scope, permission: Permission): void {
  const reason = findMissingPermission(scope, permission);
  if (reason) throw new RekeyError("not_permitted", { detail: reason });
}

/** @throws not_permitted when the actor may not act on this user, whatever their permissions. */
export function requireMayActOn(scope: Scope, target: User): void {
  const reason = findReasonNotToActOn(scope, target);
  if (reason) throw new RekeyError("not_permitted", { detail: reason });
}

/** @returns the roles that the actor may give to somebody, highest first; without the permission to change roles, those that may nothing. */
export function grantableRoles(scope: Scope): readonly Role[] {
  const { actor } = scope;
  const mayChange = findMissingPermission(scope, "users.change_role") === undefined;
  return ROLE_NAMES.filter((role) => {
    if (!("role" in actor)) return true;
    return ROLES[role].rank <= ROLES[actor.role].rank && (mayChange || ROLES[role].permissions.size === 0);
  });
}

/** @throws not_permitted: nobody grants a role above their own. */
export function requireMayGrant(scope: Scope, role: Role): void {
  if (grantableRoles(scope).includes(role)) return;
  requirePermission(scope, "users.change_role");
  throw new RekeyError("not_permitted", {
    detail: `Only an ${ROLES[role].label} can make somebody ${ROLES[role].label}.`,
  });
}

/** @returns the sentence that says which role is needed, or undefined when the actor has the permission. */
export function findMissingPermission(scope: Scope, permission: Permission): string | undefined {
  const { actor } = scope;
  if (actor.type === "operator" || actor.type === "system") return undefined;
  if (actor.type === "user" && ROLES[actor.role].permissions.has(permission)) return undefined;
  if (actor.type === "api_key")
    return actor.permissions.has(permission) ? undefined : `The key was not given the permission ${permission}.`;
  return `This needs the role ${rolesWith(permission)}.`;
}

/** @returns why the actor may not act on this user, or undefined: nobody on a higher role, nobody on themselves as an administrator. */
export function findReasonNotToActOn(scope: Scope, target: User): string | undefined {
  const { actor } = scope;
  if (!("role" in actor)) return undefined;
  if ((actor.type === "api_key" ? actor.madeBy : actor.id) === target.id)
    return "This is you. Your password is changed in your account; everything else by another administrator.";
  if (ROLES[target.role].rank > ROLES[actor.role].rank)
    return `Only an ${ROLES[target.role].label} can do this for an ${ROLES[target.role].label}.`;
  return undefined;
}
