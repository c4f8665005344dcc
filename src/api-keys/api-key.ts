import type { Selectable } from "kysely";

import type { Actor, Scope } from "#instances/scope.ts";
import { MINUTE_MS } from "#lib/clock.ts";
import { newOpaqueId } from "#platform/crypto/id.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { ApiKeysTable } from "#platform/database/tables.ts";
import { maySignIn } from "#sessions/session.ts";
import { isPermission, type Permission, ROLES } from "#users/roles.ts";
import { getUser } from "#users/user.ts";

/** By which a program acts in the instance. The key itself is shown once and never kept. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** By which a key is recognised as one where it should not be, such as in a log or a repository. */
const PREFIX = "rk_";
/** Writing the last use down more often would cost a write for every request and tell nobody anything. */
const USE_GRAIN_MS = MINUTE_MS;

/** @returns a new key: 256 random bits after the prefix. */
export function newKey(): string {
  return `${PREFIX}${newOpaqueId()}`;
}

/**
 * A key never outlives what its maker may: it acts with their role and with those of its permissions that they have now.
 * @returns who acts by this key, or undefined when there is no such key, it has ended, or its maker may no longer sign in.
 */
export async function findActorByKey(tx: Tx, scope: Scope, at: Date, key: string): Promise<Actor | undefined> {
  if (!key.startsWith(PREFIX)) return undefined;
  const row = await liveKeys(tx, scope, at).where("key_digest", "=", digestOf(key)).executeTakeFirst();
  if (!row) return undefined;
  const maker = await getUser(tx, scope, row.created_by);
  if (!maySignIn(maker)) return undefined;
  if (!row.last_used_at || at.getTime() - row.last_used_at.getTime() >= USE_GRAIN_MS)
    await recordUse(tx, scope, at, row.id);
  const permissions = new Set(
    row.scopes.filter((name) => isPermission(name) && ROLES[maker.role].permissions.has(name)),
  );
  // A key's name is whatever its maker chose, so theirs stands beside it.
  const name = `${row.name} (key of ${maker.name})`;
  return { type: "api_key", id: row.id, name, role: maker.role, permissions, madeBy: maker.id };
}

/** @returns the keys of the instance that work, newest first. */
export async function listApiKeys(tx: Tx, scope: Scope, at: Date): Promise<readonly ApiKey[]> {
  const rows = await liveKeys(tx, scope, at).orderBy("id", "desc").execute();
  return rows.map(toApiKey);
}

/** Every key that the user made is over. */
export async function revokeKeysOf(tx: Tx, scope: Scope, at: Date, userId: string): Promise<void> {
  await tx
    .updateTable("api_keys")
    .set({ revoked_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("created_by", "=", userId)
    .where("revoked_at", "is", null)
    .execute();
}

/** The same for everybody of the instance. @returns how many worked. */
export async function revokeEveryKey(tx: Tx, scope: Scope, at: Date): Promise<number> {
  const revoked = await tx
    .updateTable("api_keys")
    .set({ revoked_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("revoked_at", "is", null)
    .returning("expires_at")
    .execute();
  return revoked.filter(({ expires_at: end }) => end === null || end > at).length;
}

/** @returns the key of a row of its table. */
export function toApiKey(row: Selectable<ApiKeysTable>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes.filter(isPermission),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

function liveKeys(tx: Tx, scope: Scope, at: Date) {
  return tx
    .selectFrom("api_keys")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("revoked_at", "is", null)
    .where((key) => key.or([key("expires_at", "is", null), key("expires_at", ">", at)]));
}

async function recordUse(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await tx
    .updateTable("api_keys")
    .set({ last_used_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .execute();
}
