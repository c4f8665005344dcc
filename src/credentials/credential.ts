import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import type { CredentialKind } from "#platform/database/sign-in-tables.ts";
import { verifyPassword } from "./password-hash.ts";
import { canonicalTemporaryPassword } from "./temporary-password.ts";

/**
 * What a user signs in with. A `refused` one was right until an administrator required a new password; it opens nothing, but
 * says that there once was one.
 */
export interface Credential {
  readonly kind: CredentialKind;
  readonly passwordHash: string;
  /** Of a temporary one: whether Rekey made it, so that case, hyphens and spaces do not matter. */
  readonly isGenerated: boolean;
  /** Of a temporary one: when it stops working. */
  readonly expiresAt: Date | null;
}

export type NewCredential =
  | { readonly kind: "permanent"; readonly passwordHash: string }
  | {
      readonly kind: "temporary";
      readonly passwordHash: string;
      readonly isGenerated: boolean;
      readonly expiresAt: Date;
    };

/** @returns the user's credential, or undefined when the user never had a password. */
export async function findCredential(tx: Tx, scope: Scope, userId: string): Promise<Credential | undefined> {
  const row = await tx
    .selectFrom("credentials")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return (
    row && { kind: row.kind, passwordHash: row.password_hash, isGenerated: row.is_generated, expiresAt: row.expires_at }
  );
}

/** @returns of which kind the credential of each of these users is; who never had one is missing. */
export async function findCredentialKinds(
  tx: Tx,
  scope: Scope,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, CredentialKind>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("credentials")
    .select(["user_id", "kind"])
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "in", userIds)
    .execute();
  return new Map(rows.map((row) => [row.user_id, row.kind]));
}

/**
 * @returns whether the password is the credential's own, whatever its kind and age allow. No credential at all takes the same
 *   work and is never right.
 */
export function verifyCredential(password: string, credential: Credential | undefined): Promise<boolean> {
  if (credential?.kind !== "temporary") return verifyPassword(password, credential?.passwordHash);
  return verifyPassword(canonicalTemporaryPassword(password, credential.isGenerated), credential.passwordHash);
}

/** Writes a new credential. Only `recovery/set-password.ts` and what fills an empty instance call this, since more than the hash changes then. */
export async function replaceCredential(
  tx: Tx,
  scope: Scope,
  at: Date,
  to: { userId: string; credential: NewCredential },
): Promise<void> {
  const { credential } = to;
  const values = {
    kind: credential.kind,
    password_hash: credential.passwordHash,
    is_generated: credential.kind === "temporary" && credential.isGenerated,
    expires_at: credential.kind === "temporary" ? credential.expiresAt : null,
    set_at: at,
  };
  await tx
    .insertInto("credentials")
    .values({ instance_id: scope.instance.id, user_id: to.userId, ...values })
    .onConflict((conflict) => conflict.columns(["instance_id", "user_id"]).doUpdateSet(values))
    .execute();
}

/** The user's password opens nothing any more, though nobody has set another; left alone if it is not of the kind named. */
export async function refuseCredential(tx: Tx, scope: Scope, userId: string, onlyIf?: CredentialKind): Promise<void> {
  let credential = tx
    .updateTable("credentials")
    .set({ kind: "refused", expires_at: null })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId);
  if (onlyIf) credential = credential.where("kind", "=", onlyIf);
  await credential.execute();
}

/** The same for everybody of the instance who has one of that kind. */
export async function refuseEveryCredential(tx: Tx, scope: Scope, kind: CredentialKind): Promise<void> {
  await tx
    .updateTable("credentials")
    .set({ kind: "refused", expires_at: null })
    .where("instance_id", "=", scope.instance.id)
    .where("kind", "=", kind)
    .execute();
}

/** Replaces a hash by one of the same password with today's parameters, unless the password was changed meanwhile. */
export async function upgradePasswordHash(
  tx: Tx,
  scope: Scope,
  of: { userId: string; from: string; to: string },
): Promise<void> {
  await tx
    .updateTable("credentials")
    .set({ password_hash: of.to })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("password_hash", "=", of.from)
    .execute();
}

/** @returns whether somebody of the instance has a hash that takes another time to check than one of our own (its own index answers this). */
export async function hasForeignHash(tx: Tx, scope: Scope): Promise<boolean> {
  const found = await tx
    .selectFrom("credentials")
    .select("user_id")
    .where("instance_id", "=", scope.instance.id)
    .where(sql<boolean>`password_hash not like '$argon2id$v=19$m=19456,t=2,p=1$%'`)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
