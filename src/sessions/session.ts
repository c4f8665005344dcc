import { type RawBuilder, type Selectable, sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after, earlier, MINUTE_MS } from "#lib/clock.ts";
import { newId, newOpaqueId } from "#platform/crypto/id.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { CredentialKind } from "#platform/database/sign-in-tables.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { InstanceTables } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { ROLES } from "#users/roles.ts";
import { toUser, type User } from "#users/user.ts";

/** A signed-in browser. */
export interface Session {
  readonly id: string;
  readonly user: User;
  /** Signed in with a temporary password: until it is changed, the session may do nothing else. */
  readonly mustChangePassword: boolean;
  /** When it ends if the person does nothing more; never after its absolute end. */
  readonly expiresAt: Date;
  /** When it ends whatever the person does. */
  readonly endsAt: Date;
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
  await sendAlong(
    tx,
    tx.insertInto("sessions").values({
      instance_id: scope.instance.id,
      id: newId(),
      id_digest: digestOf(id),
      user_id: of.userId,
      created_at: at,
      last_active_at: at,
      expires_at: after(at, scope.instance.sessionAbsoluteMs),
      source_address: scope.request?.sourceAddress ?? "",
      user_agent: of.userAgent,
    }),
  );
  return id;
}

/** @returns whose session this was, whether it goes on or has ended; undefined for one that there never was. */
export async function findOwner(tx: Tx, scope: Scope, id: string): Promise<User | undefined> {
  const row = await tx
    .selectFrom("sessions")
    .innerJoin("users", (join) =>
      join.onRef("users.instance_id", "=", "sessions.instance_id").onRef("users.id", "=", "sessions.user_id"),
    )
    .selectAll("users")
    .where("sessions.instance_id", "=", scope.instance.id)
    .where("sessions.id_digest", "=", digestOf(id))
    .executeTakeFirst();
  return row && toUser(row);
}

/** Reads one statement's rows, in a transaction or in a way of its own. */
type Read = (statement: RawBuilder<SessionRow>) => Promise<readonly SessionRow[]>;

type SessionRow = Selectable<InstanceTables["users"]> & {
  readonly began_at: Date;
  readonly confirmed_at: Date | null;
  readonly last_active_at: Date;
  readonly ends_at: Date;
  readonly credential_kind: CredentialKind | null;
  readonly credential_ends_at: Date | null;
};

/**
 * @param of.isActivity whether a person did something; what the page asks for by itself does not keep a session alive.
 * @returns the live session with this id, or undefined when it ended, ran out, was left idle, or its user may no longer sign in.
 */
export async function readSession(
  deps: Deps,
  scope: Scope,
  of: { id: string; isActivity: boolean },
): Promise<Session | undefined> {
  const at = deps.clock.now();
  const found = await findLive((statement) => deps.db.runInInstance(scope.instance.id, statement), scope, at, of.id);
  if (!found) return undefined;
  const { session, lastActiveAt } = found;
  if (!of.isActivity || at.getTime() - lastActiveAt.getTime() < ACTIVITY_GRAIN_MS) return session;
  return prolongSession(deps, scope, session);
}

/** The session lasts as long from now on as if the person had done something. @returns it as it is now. */
export async function prolongSession(deps: Deps, scope: Scope, session: Session): Promise<Session> {
  const at = deps.clock.now();
  await deps.db.inInstance(scope.instance.id, (tx) => recordActivity(tx, scope, at, session.id));
  return { ...session, expiresAt: earlier(session.endsAt, after(at, scope.instance.sessionIdleMs)) };
}

/** @returns the same within a transaction. That somebody asks is no activity. */
export async function findSession(tx: Tx, scope: Scope, at: Date, id: string): Promise<Session | undefined> {
  return (await findLive(async (statement) => (await statement.execute(tx)).rows, scope, at, id))?.session;
}

async function findLive(
  read: Read,
  scope: Scope,
  at: Date,
  id: string,
): Promise<{ session: Session; lastActiveAt: Date } | undefined> {
  const { sessionIdleMs } = scope.instance;
  const [row] = await read(liveSession(scope, at, id));
  if (!row) return undefined;
  const user = toUser(row);
  const endsAt = earlier(row.ends_at, row.credential_ends_at ?? row.ends_at);
  if (!maySignIn(user) || endsAt <= at) return undefined;
  const lastActiveAt = row.last_active_at;
  const session = {
    id,
    user,
    mustChangePassword: row.credential_kind === "temporary",
    expiresAt: earlier(endsAt, after(lastActiveAt, sessionIdleMs)),
    endsAt,
    freshUntil: after(row.confirmed_at ?? row.began_at, FRESH_MS),
  };
  return { session, lastActiveAt };
}

function liveSession({ instance }: Scope, at: Date, id: string): RawBuilder<SessionRow> {
  return sql`
    select users.*, sessions.created_at as began_at, sessions.confirmed_at, sessions.last_active_at,
      sessions.expires_at as ends_at, credentials.kind as credential_kind, credentials.expires_at as credential_ends_at
    from sessions
      join users on users.instance_id = sessions.instance_id and users.id = sessions.user_id
      left join credentials on credentials.instance_id = sessions.instance_id and credentials.user_id = sessions.user_id
    where sessions.instance_id = ${instance.id} and sessions.id_digest = ${digestOf(id)} and sessions.ended_at is null
      and sessions.expires_at > ${at} and sessions.last_active_at > ${after(at, -instance.sessionIdleMs)}`;
}

/** The person has shown again that it is them. */
export async function confirmSession(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("sessions")
      .set({ confirmed_at: at })
      .where("instance_id", "=", scope.instance.id)
      .where("id_digest", "=", digestOf(id))
      .where("ended_at", "is", null),
  );
}

/** @returns whether sessions of this user may begin or go on. */
export function maySignIn(user: User): boolean {
  return user.status === "active" && ROLES[user.role].rank > 0;
}

/** The session with this id is over. Repeats safely. */
export async function endSession(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("sessions")
      .set({ ended_at: at, last_active_at: at })
      .where("instance_id", "=", scope.instance.id)
      .where("id_digest", "=", digestOf(id))
      .where("ended_at", "is", null),
  );
}

/**
 * The session goes on under a new id; the one from before opens nothing, wherever a copy of it is (OWASP ASVS 5.0, V7.2.4).
 * @returns the new id, for the cookie alone.
 */
export async function renewSession(tx: Tx, scope: Scope, id: string): Promise<string> {
  const renewed = newOpaqueId();
  await sendAlong(
    tx,
    tx
      .updateTable("sessions")
      .set({ id_digest: digestOf(renewed) })
      .where("instance_id", "=", scope.instance.id)
      .where("id_digest", "=", digestOf(id)),
  );
  return renewed;
}

/** All sessions of the user are over, but for the one with the id `except`. @returns how many were live. */
export async function endSessionsOf(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; except?: string | undefined },
): Promise<number> {
  const others = of.except === undefined ? sql`true` : sql`id_digest <> ${digestOf(of.except)}`;
  return endThose(tx, scope, at, sql`user_id = ${of.userId} and ${others}`);
}

/** Everybody of the instance is signed out. @returns how many sessions were live. */
export function endEverySession(tx: Tx, scope: Scope, at: Date): Promise<number> {
  return endThose(tx, scope, at, sql`true`);
}

/** What ran out or was left idle is ended, too, so that no longer limit brings it back. @returns how many were live. */
async function endThose(tx: Tx, { instance }: Scope, at: Date, those: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ live: number }>`
    with ended as (
      update sessions set ended_at = ${at} where instance_id = ${instance.id} and ended_at is null and ${those}
      returning expires_at, last_active_at)
    select count(*)::integer as live from ended
    where expires_at > ${at} and last_active_at > ${after(at, -instance.sessionIdleMs)}`.execute(tx);
  return rows[0]?.live ?? 0;
}

async function recordActivity(tx: Tx, scope: Scope, at: Date, id: string): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("sessions")
      .set({ last_active_at: at })
      .where("instance_id", "=", scope.instance.id)
      .where("id_digest", "=", digestOf(id)),
  );
}
