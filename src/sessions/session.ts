import { findCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { after, earlier, MINUTE_MS } from "#lib/clock.ts";
import { newId, newOpaqueId } from "#platform/crypto/id.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import { ROLES } from "#users/roles.ts";
import { getUser, type User } from "#users/user.ts";

/** A signed-in browser. */
export interface Session {
  readonly id: string;
  readonly user: User;
  /** Signed in with a temporary password: until it is changed, the session may do nothing else. */
  readonly mustChangePassword: boolean;
  /** When it ends if the person does nothing more; never after its absolute end. */
  readonly expiresAt: Date;
  /** Until when the sign-in counts as a fresh one. */
  readonly freshUntil: Date;
}

/** How long a sign-in counts as fresh. */
export const FRESH_MS = 10 * MINUTE_MS;

/** Writing the last activity down more often would cost a write for every request and tell nobody anything. */
const ACTIVITY_GRAIN_MS = MINUTE_MS;

/**
 * A session begins.
 * @returns its opaque id, for the cookie alone: the database keeps the digest.
 */
export async function startSession(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; userAgent: string | null },
): Promise<string> {
  const id = newOpaqueId();
  await tx
    .insertInto("sessions")
    .values({
      instance_id: scope.instance.id,
      id: newId(),
      id_digest: digestOf(id),
      user_id: of.userId,
      created_at: at,
      last_active_at: at,
      expires_at: after(at, scope.instance.sessionAbsoluteMs),
      source_address: scope.request?.sourceAddress ?? "",
      user_agent: of.userAgent,
    })
    .execute();
  return id;
}

/**
 * @param isActivity whether a person did something; what the page asks for by itself does not keep a session alive.
 * @returns the live session with this id, or undefined when it ended, ran out, was left idle, or its user may no longer sign in.
 */
export async function findSession(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { id: string; isActivity: boolean },
): Promise<Session | undefined> {
  const { sessionIdleMs } = scope.instance;
  const row = await tx
    .selectFrom("sessions")
    .select(["user_id", "created_at", "confirmed_at", "last_active_at", "expires_at"])
    .where("instance_id", "=", scope.instance.id)
    .where("id_digest", "=", digestOf(of.id))
    .where("ended_at", "is", null)
    .where("expires_at", ">", at)
    .where("last_active_at", ">", after(at, -sessionIdleMs))
    .executeTakeFirst();
  if (!row) return undefined;
  const user = await getUser(tx, scope, row.user_id);
  const credential = await findCredential(tx, scope, user.id);
  const endsAt = earlier(row.expires_at, credential?.expiresAt ?? row.expires_at);
  if (!maySignIn(user) || endsAt <= at) return undefined;
  const isRecorded = of.isActivity && at.getTime() - row.last_active_at.getTime() >= ACTIVITY_GRAIN_MS;
  if (isRecorded) await recordActivity(tx, scope, at, of.id);
  const lastActiveAt = isRecorded ? at : row.last_active_at;
  const mustChangePassword = credential?.kind === "temporary";
  const expiresAt = earlier(endsAt, after(lastActiveAt, sessionIdleMs));
  const freshUntil = after(row.confirmed_at ?? row.created_at, FRESH_MS);
  return { id: of.id, user, mustChangePassword, expiresAt, freshUntil };
}

/** The person has shown again that it is them. */
export async function confirmSession(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ confirmed_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id_digest", "=", digestOf(id))
    .where("ended_at", "is", null)
    .execute();
}

/** @returns whether sessions of this user may begin or go on. */
export function maySignIn(user: User): boolean {
  return user.status === "active" && ROLES[user.role].rank > 0;
}

/** The session with this id is over. Repeats safely. */
export async function endSession(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id_digest", "=", digestOf(id))
    .where("ended_at", "is", null)
    .execute();
}

/**
 * The session goes on under a new id; the one from before opens nothing, wherever a copy of it is (OWASP ASVS 5.0, V7.2.4).
 * @returns the new id, for the cookie alone.
 */
export async function renewSession(tx: Tx, scope: Scope, id: string): Promise<string> {
  const renewed = newOpaqueId();
  await tx
    .updateTable("sessions")
    .set({ id_digest: digestOf(renewed) })
    .where("instance_id", "=", scope.instance.id)
    .where("id_digest", "=", digestOf(id))
    .execute();
  return renewed;
}

/** All sessions of the user are over, but for the one with the id `except`. @returns how many were live. */
export async function endSessionsOf(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; except?: string | undefined },
): Promise<number> {
  let live = tx
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("ended_at", "is", null);
  if (of.except !== undefined) live = live.where("id_digest", "!=", digestOf(of.except));
  return Number((await live.executeTakeFirst()).numUpdatedRows);
}

/** Everybody of the instance is signed out. @returns how many sessions were live. */
export async function endEverySession(tx: Tx, scope: Scope, at: Date): Promise<number> {
  const ended = await tx
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return Number(ended.numUpdatedRows);
}

async function recordActivity(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ last_active_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("id_digest", "=", digestOf(id))
    .execute();
}
