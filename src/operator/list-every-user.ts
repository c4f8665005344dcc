import type { Scope } from "#instances/scope.ts";
import { keepable } from "#lib/text.ts";
import type { Deps } from "#platform/deps.ts";
import { listUsers, type UserQuery } from "#user-management/list-users.ts";
import { ROLES } from "#users/roles.ts";
import type { User } from "#users/user.ts";

export const USER_STATUSES = ["active", "inactive", "all"] as const satisfies readonly UserQuery["status"][];

const PAGE_LENGTH = 200;

/** @returns all users of the instance with the status, by name. */
export async function listEveryUser(
  deps: Deps,
  scope: Scope,
  status: (typeof USER_STATUSES)[number],
): Promise<readonly User[]> {
  const users: User[] = [];
  let cursor: string | undefined;
  do {
    const query = { status, sort: "name", descending: false, limit: PAGE_LENGTH, cursor } as const;
    const page = await listUsers(deps, scope, query);
    users.push(...page.items.map(({ user }) => user));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return users;
}

/** @returns a table for a terminal, which no name can turn into anything else. */
export function usersAsText(users: readonly User[]): string {
  if (users.length === 0) return "There is nobody.";
  const rows = [HEADINGS, ...users.map(cellsOf)].map((cells) => cells.map(keepable));
  const widths = HEADINGS.map((_, at) => Math.max(...rows.map((cells) => widthOf(cells[at] ?? ""))));
  const pad = (cell: string, at: number): string => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell));
  return rows.map((cells) => cells.map(pad).join("  ").trimEnd()).join("\n");
}

const HEADINGS = ["Name", "Email", "Role", "User Name", "Status", "Last sign-in"];

function cellsOf({ name, email, role, username, status, lastSignInAt }: User): readonly string[] {
  const state = status === "active" ? "Active" : "Inactive";
  return [name, email, ROLES[role].label, username, state, lastSignInAt?.toISOString() ?? "Never"];
}

function widthOf(text: string): number {
  return [...text].length;
}

/** @returns the user for a program, by the names that the API has. */
export function userAsJson(user: User) {
  const { id, email, username, firstName, lastName, role, status, createdAt, lastSignInAt } = user;
  return {
    id,
    email,
    username,
    first_name: firstName,
    last_name: lastName,
    role,
    status,
    created_at: createdAt,
    last_sign_in_at: lastSignInAt,
  };
}
