import type { Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { isId } from "#platform/crypto/id.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";

/** A signed-in browser, as its owner and administrators are shown it. */
export interface LiveSession {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastActiveAt: Date;
  readonly expiresAt: Date;
  readonly sourceAddress: string;
  readonly userAgent: string | null;
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean;
}

/** @returns the live sessions of the user, the most recently active first. */
export async function listSessions(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; currentId?: string | undefined },
): Promise<readonly LiveSession[]> {
  const rows = await tx
    .selectFrom("sessions")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", at)
    .where("last_active_at", ">", after(at, -scope.instance.sessionIdleMs))
    .orderBy("last_active_at", "desc")
    .execute();
  const current = of.currentId === undefined ? undefined : digestOf(of.currentId);
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    lastActiveAt: row.last_active_at,
    expiresAt: row.expires_at,
    sourceAddress: row.source_address,
    userAgent: row.user_agent,
    isCurrent: current !== undefined && current.equals(row.id_digest),
  }));
}

/** One live session of the user is over, named by its id. @throws not_found, also for a session of somebody else */
export async function endNamedSession(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; sessionId: string },
): Promise<void> {
  if (!isId(of.sessionId)) throw new RekeyError("not_found");
  const ended = await tx
    .updateTable("sessions")
    .set({ ended_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", of.userId)
    .where("id", "=", of.sessionId)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  if (ended.numUpdatedRows === 0n) throw new RekeyError("not_found");
}
