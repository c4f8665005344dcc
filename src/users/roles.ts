import type { Role } from "#platform/database/tables.ts";

export type Permission =
  | "users.read"
  | "users.edit"
  | "users.change_role"
  | "recovery.send_link"
  | "recovery.set_temporary_password"
  | "recovery.copy_link"
  | "users.enable_login"
  | "users.end_sessions"
  | "audit.read"
  | "settings.edit"
  | "tickets.work"
  | "api_keys.manage";

interface RoleRow {
  readonly label: string;
  /** Nobody acts on, or grants, a role of a higher rank than their own. */
  readonly rank: number;
  readonly permissions: ReadonlySet<Permission>;
}

const EVERYTHING: readonly Permission[] = [
  "users.read",
  "users.edit",
  "users.change_role",
  "recovery.send_link",
  "recovery.set_temporary_password",
  "recovery.copy_link",
  "users.enable_login",
  "users.end_sessions",
  "audit.read",
  "settings.edit",
  "tickets.work",
  "api_keys.manage",
];

/** The one table of roles and what they may. An Admin may all that an Owner may, except towards Owners, which the rank says. */
export const ROLES: Readonly<Record<Role, RoleRow>> = {
  owner: { label: "Owner", rank: 4, permissions: new Set(EVERYTHING) },
  admin: { label: "Admin", rank: 3, permissions: new Set(EVERYTHING) },
  support: { label: "Support", rank: 2, permissions: new Set(["users.read", "recovery.send_link", "tickets.work"]) },
  member: { label: "Member", rank: 1, permissions: new Set() },
  no_access: { label: "No Access", rank: 0, permissions: new Set() },
};

export const ROLE_NAMES = ["owner", "admin", "support", "member", "no_access"] as const satisfies readonly Role[];

/** @returns the labels of the roles with the permission, for a sentence: `Owner, Admin or Support`. */
export function rolesWith(permission: Permission): string {
  const labels = ROLE_NAMES.filter((role) => ROLES[role].permissions.has(permission)).map((role) => ROLES[role].label);
  return new Intl.ListFormat("en", { type: "disjunction" }).format(labels);
}
