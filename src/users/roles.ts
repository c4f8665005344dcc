import type { Role } from "#platform/database/tables.ts";

/** Everything that a role may or may not, in the words of the page that shows it. */
export const PERMISSIONS = {
  "users.read": "See users and what became of their links",
  "users.edit": "Create, edit, deactivate and reactivate users",
  "users.change_role": "Change somebody's role",
  "recovery.send_link": "Send and revoke reset links",
  "recovery.set_temporary_password": "Set temporary passwords and require new ones",
  "recovery.copy_link": "Copy a reset link, where the instance allows it",
  "users.enable_login": "End a lockout",
  "users.end_sessions": "Sign somebody out everywhere",
  "audit.read": "Read the record of what was done",
  "settings.edit": "Change the settings of the instance",
  "tickets.work": "Work on tickets",
  "api_keys.manage": "Make and revoke API keys",
} as const;

export type Permission = keyof typeof PERMISSIONS;

/** @returns whether it is the name of a permission; one that was given up since is none. */
export function isPermission(name: string): name is Permission {
  return Object.hasOwn(PERMISSIONS, name);
}

export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];

interface RoleRow {
  readonly label: string;
  /** Nobody acts on, or grants, a role of a higher rank than their own. */
  readonly rank: number;
  readonly permissions: ReadonlySet<Permission>;
}

/** The one table of roles and what they may. An Admin may all that an Owner may, except towards Owners, which the rank says. */
export const ROLES: Readonly<Record<Role, RoleRow>> = {
  owner: { label: "Owner", rank: 4, permissions: new Set(PERMISSION_NAMES) },
  admin: { label: "Admin", rank: 3, permissions: new Set(PERMISSION_NAMES) },
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
