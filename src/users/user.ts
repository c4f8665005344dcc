import { type Selectable, sql } from "kysely";

import type { AuditTarget } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { holdInstance, requireActive } from "#instances/suspension.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold, foldAccents } from "#lib/text.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { Role, UserStatus, UsersTable } from "#platform/database/tables.ts";

/** A team member with an account in one instance. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  /** First and last name, as people call them. */
  readonly name: string;
  readonly role: Role;
  readonly status: UserStatus;
  readonly title: string | null;
  readonly department: string | null;
  readonly phone: string | null;
  readonly mobile: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  /** The id of another user of the instance. */
  readonly reportsTo: string | null;
  readonly createdAt: Date;
  readonly lastSignInAt: Date | null;
  /** Since when the account is frozen, because somebody said of it “This was not me”; null while it is not. */
  readonly frozenAt: Date | null;
  /** Until when no way in is sent to the address, since it was just changed; null or past where it is settled. */
  readonly addressHeldUntil: Date | null;
}

/**
 * @returns the user with this id in the instance of the scope.
 * @throws not_found, also for a user of another instance and for what is no id at all.
 */
export async function getUser(tx: Tx, scope: Scope, id: string): Promise<User> {
  const row = isId(id) ? await usersOf(tx, scope).where("id", "=", id).executeTakeFirst() : undefined;
  if (!row) throw new RekeyError("not_found");
  return toUser(row);
}

/**
 * Holds the user's row until the transaction ends, so that acts on one person happen one after another: of twenty clicks in
 * a second the first sends and the others see that it did. Whatever lets a person in is made under it, so it holds the
 * instance active as well.
 * @throws instance_suspended, not_found
 */
export async function lockUser(tx: Tx, scope: Scope, id: string): Promise<User> {
  await holdInstance(tx, scope);
  const [, row] = await Promise.all([
    requireActive(tx, scope),
    isId(id) ? usersOf(tx, scope).where("id", "=", id).forNoKeyUpdate().executeTakeFirst() : undefined,
  ]);
  if (!row) throw new RekeyError("not_found");
  return toUser(row);
}

/** @returns the user who goes by this user name or address, or undefined. User names hold no `@`, so the two never meet. */
export async function findUserByIdentifier(tx: Tx, scope: Scope, identifier: string): Promise<User | undefined> {
  const key = fold(identifier);
  if (key.includes("\0")) return undefined; // PostgreSQL takes no NUL in a text, so nobody has one.
  const row = await usersOf(tx, scope)
    .where(key.includes("@") ? "email_key" : "username_key", "=", key)
    .executeTakeFirst();
  return row && toUser(row);
}

/** @returns the active people with any of these roles, by name. */
export async function findActiveUsers(tx: Tx, scope: Scope, roles: readonly Role[]): Promise<readonly User[]> {
  const rows = await usersOf(tx, scope)
    .where("status", "=", "active")
    .where("role", "in", roles)
    .orderBy("name_key")
    .orderBy("id")
    .execute();
  return rows.map(toUser);
}

/** @returns the active people whose accounts are frozen, the last of them first. */
export async function findFrozenUsers(tx: Tx, scope: Scope, limit: number): Promise<readonly User[]> {
  const rows = await usersOf(tx, scope)
    .where("status", "=", "active")
    .where("frozen_at", "is not", null)
    .orderBy("frozen_at", "desc")
    .limit(limit)
    .execute();
  return rows.map(toUser);
}

/** @returns the users who go by any of these user names and addresses, each under the fold of what they were found by. */
export async function findUsersByIdentifiers(
  tx: Tx,
  scope: Scope,
  identifiers: readonly string[],
): Promise<ReadonlyMap<string, User>> {
  const keys = [...new Set(identifiers.map(fold))].filter((key) => !key.includes("\0"));
  if (keys.length === 0) return new Map();
  const rows = await usersOf(tx, scope)
    .where(sql<boolean>`(email_key = any(${keys}::text[]) or username_key = any(${keys}::text[]))`)
    .execute();
  const wanted = new Set(keys);
  const found = rows.flatMap((row) => [row.email_key, row.username_key].map((key) => [key, toUser(row)] as const));
  return new Map(found.filter(([key]) => wanted.has(key)));
}

/** @returns those of these users that the instance has, by id. */
export async function findUsers(tx: Tx, scope: Scope, ids: readonly string[]): Promise<ReadonlyMap<string, User>> {
  if (ids.length === 0) return new Map();
  const rows = await usersOf(tx, scope).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, toUser(row)]));
}

/** @returns the user as the target of an act, for the record. */
export function asTarget({ id, name }: User): AuditTarget {
  return { type: "user", id, name };
}

/** @returns how to find the target of an act that names a user by id only; nobody's id is kept without a name. */
export function targetWithId(scope: Scope, id: string): (tx: Tx) => Promise<AuditTarget> {
  return async (tx) => {
    const user = (await findUsers(tx, scope, isId(id) ? [id] : [])).get(id);
    return user ? asTarget(user) : { type: "user", id, name: "" };
  };
}

/** More people than this of one name need a longer name. */
const MOST_FOUND = 200;

/** @returns the ids of users whose name, address or user name has every word of the text, some two hundred at most. */
export async function findUserIds(tx: Tx, scope: Scope, text: string): Promise<readonly string[]> {
  let users = tx.selectFrom("users").select("id").where("instance_id", "=", scope.instance.id);
  for (const pattern of searchPatterns(text)) users = users.where("search_text", "like", pattern);
  return (await users.limit(MOST_FOUND).execute()).map(({ id }) => id);
}

/** @returns patterns for `search_text`: each word may stand anywhere; `%` and `_` are ordinary characters to who types them. */
export function searchPatterns(text: string): readonly string[] {
  const words = foldAccents(text).split(/\s+/u).filter(Boolean);
  return words.map((word) => `%${word.replace(/[\\%_]/g, "\\$&")}%`);
}

/**
 * Until the transaction ends nobody else takes a role or an account away, so that of two Owners who step down at once the second
 * sees that they would be the last. One lock for the whole instance: the rows of the Owners, locked one after another, would
 * be held by who no longer finds an Owner there, and two would wait for each other. Call it before `lockUser`.
 * @returns the ids of the active Owners.
 */
export async function lockOwners(tx: Tx, scope: Scope): Promise<readonly string[]> {
  const { id } = scope.instance;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`owners of ${id}`}, 0))`.execute(tx);
  const owners = await usersOf(tx, scope).where("role", "=", "owner").where("status", "=", "active").execute();
  return owners.map((owner) => owner.id);
}

/** Keeps since when the account is frozen, or that it no longer is. */
export async function setFrozen(tx: Tx, scope: Scope, userId: string, at: Date | null): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("users")
      .set({ frozen_at: at })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", userId),
  );
}

/** Keeps until when no way in is sent to the user's address. */
export async function holdAddress(tx: Tx, scope: Scope, userId: string, until: Date | null): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("users")
      .set({ address_held_until: until })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", userId),
  );
}

/** Keeps when the user last got in. */
export async function recordLastSignIn(tx: Tx, scope: Scope, userId: string, at: Date): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("users")
      .set({ last_sign_in_at: at })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", userId),
  );
}

/** @returns how many users of the instance are active and inactive. */
export async function countUsers(tx: Tx, scope: Scope): Promise<{ all: number; active: number; inactive: number }> {
  const row = await tx
    .selectFrom("users")
    .select([
      sql<number>`count(*)::int`.as("all"),
      sql<number>`(count(*) filter (where status = 'active'))::int`.as("active"),
      sql<number>`(count(*) filter (where status = 'inactive'))::int`.as("inactive"),
    ])
    .where("instance_id", "=", scope.instance.id)
    .executeTakeFirstOrThrow();
  return row;
}

/** @returns the user of a row of the table. */
export function toUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    email: row.email,
    username: row.username,
    firstName: row.first_name,
    lastName: row.last_name,
    name: `${row.first_name} ${row.last_name}`.trim(),
    role: row.role,
    status: row.status,
    title: row.title,
    department: row.department,
    phone: row.phone,
    mobile: row.mobile,
    locale: row.locale,
    timeZone: row.time_zone,
    reportsTo: row.reports_to,
    createdAt: row.created_at,
    lastSignInAt: row.last_sign_in_at,
    frozenAt: row.frozen_at,
    addressHeldUntil: row.address_held_until,
  };
}

function usersOf(tx: Tx, scope: Scope) {
  return tx.selectFrom("users").selectAll().where("instance_id", "=", scope.instance.id);
}
