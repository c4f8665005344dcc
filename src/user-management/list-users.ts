import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { codeOf } from "#lib/error-words.ts";
import { RekeyError } from "#lib/errors.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Role, UserStatus } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { countUsers, searchPatterns, toUser, type User } from "#users/user.ts";
import { type Access, readAccess } from "./access.ts";

/** What a list can be sorted by: the expression, and the type that its cursor is compared as. */
const SORTS = {
  name: { key: sql`name_key collate "C"`, type: sql`text` },
  email: { key: sql`email_key collate "C"`, type: sql`text` },
  username: { key: sql`username_key collate "C"`, type: sql`text` },
  role: {
    key: sql`array_position(array['owner', 'admin', 'support', 'member', 'no_access'], role)`,
    type: sql`integer`,
  },
  last_sign_in_at: { key: sql`coalesce(last_sign_in_at, '-infinity')`, type: sql`timestamptz` },
} as const;

export type UserSort = keyof typeof SORTS;
export const USER_SORTS = Object.keys(SORTS) as readonly UserSort[];

export interface UserQuery {
  readonly status: UserStatus | "all";
  /** Any part of name, address or user name; case and accents do not matter. */
  readonly q?: string | undefined;
  readonly role?: Role | undefined;
  readonly sort: UserSort;
  readonly descending: boolean;
  readonly limit: number;
  /** From an earlier page of the same list. */
  readonly cursor?: string | undefined;
}

export interface UserPage {
  readonly items: readonly { readonly user: User; readonly access: Access }[];
  readonly counts: { readonly all: number; readonly active: number; readonly inactive: number };
  readonly nextCursor: string | null;
  readonly previousCursor: string | null;
}

/** Where a page begins: after or before the row with this key and id. */
interface Cursor {
  readonly backwards: boolean;
  readonly key: string;
  readonly id: string;
}

/**
 * @returns one page of the users of the instance, found by key rather than by counting, so that the last page is as quick as
 *   the first and nobody is skipped when people come and go meanwhile.
 * @throws not_permitted, validation_failed for a cursor that is none
 */
export async function listUsers(deps: Deps, scope: Scope, query: UserQuery): Promise<UserPage> {
  requirePermission(scope, "users.read");
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const found = await findRows(tx, scope, query, cursor).catch((error: unknown) => {
      throw cursor && isDataException(error) ? malformedCursor(error) : error;
    });
    const isMore = found.length > query.limit;
    const page = found.slice(0, query.limit);
    if (cursor?.backwards) page.reverse();
    const users = page.map(toUser);
    const access = await readAccess(tx, scope, deps.clock.now(), users);
    const cursorOf = (row: (typeof page)[number] | undefined, backwards: boolean): string | null =>
      row ? formatCursor({ backwards, key: row.sort_key, id: row.id }) : null;
    return {
      items: users.map((user) => ({ user, access: access.of(user) })),
      counts: await countUsers(tx, scope),
      nextCursor: isMore || cursor?.backwards ? cursorOf(page.at(-1), false) : null,
      previousCursor: (cursor && !cursor.backwards) || (cursor?.backwards && isMore) ? cursorOf(page[0], true) : null,
    };
  });
}

async function findRows(tx: Tx, scope: Scope, query: UserQuery, cursor: Cursor | undefined) {
  const { key, type } = SORTS[query.sort];
  const upwards = query.descending === (cursor?.backwards ?? false);
  let users = tx
    .selectFrom("users")
    .selectAll()
    .select(sql<string>`(${key})::text`.as("sort_key"))
    .where("instance_id", "=", scope.instance.id);
  if (query.status !== "all") users = users.where("status", "=", query.status);
  if (query.role !== undefined) users = users.where("role", "=", query.role);
  for (const pattern of searchPatterns(query.q ?? "")) users = users.where("search_text", "like", pattern);
  if (cursor) {
    const after = sql.raw(upwards ? ">" : "<");
    users = users.where(sql<boolean>`(${key}, id) ${after} (cast(${cursor.key} as ${type}), ${cursor.id}::uuid)`);
  }
  const direction = sql.raw(upwards ? "asc" : "desc");
  return users
    .orderBy(sql`${key} ${direction}, id ${direction}`)
    .limit(query.limit + 1)
    .execute();
}

function formatCursor({ backwards, key, id }: Cursor): string {
  return Buffer.from(JSON.stringify([backwards, key, id])).toString("base64url");
}

function parseCursor(text: string): Cursor {
  try {
    const [backwards, key, id] = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (typeof backwards === "boolean" && typeof key === "string" && !key.includes("\0") && isId(id))
      return { backwards, key, id };
  } catch {
    // Falls through: what is not our JSON is no cursor either.
  }
  throw malformedCursor();
}

/** The key of a cursor is made for one sort; under another, or made up, it may be no number or no time (PostgreSQL, appendix A, class 22). */
function isDataException(error: unknown): boolean {
  return codeOf(error).startsWith("22");
}

function malformedCursor(cause?: unknown): RekeyError {
  return new RekeyError("validation_failed", {
    fields: [{ field: "cursor", code: "malformed", detail: "Take it from next_cursor of the page before." }],
    cause,
  });
}
