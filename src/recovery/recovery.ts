import { type Selectable, sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { earlier } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { isId, newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { EmailState } from "#platform/database/mail-tables.ts";
import type {
  RecoveriesTable,
  RecoveryMethod,
  RecoveryOrigin,
  StoredRecoveryState,
} from "#platform/database/tables.ts";

/** What people are shown. Only `open`, `completed`, `revoked` and `expired` are stored; the rest follows from mails and time. */
export type RecoveryState = "queued" | "sent" | "bounced" | "failed" | "completed" | "expired" | "revoked";

/** One attempt to get one user back in. */
export interface Recovery {
  readonly id: string;
  readonly userId: string;
  readonly method: RecoveryMethod;
  readonly origin: RecoveryOrigin;
  readonly storedState: StoredRecoveryState;
  /** What the link is derived from and where it went; null for a temporary password. */
  readonly nonce: Buffer | null;
  readonly keyId: string | null;
  readonly sentTo: string | null;
  readonly requestedBy: string | null;
  readonly requestedByName: string;
  readonly requestedAt: Date;
  readonly lifetimeMs: number;
  /** Null until a mail server accepted the link: its life begins then. */
  readonly expiresAt: Date | null;
  /** No acceptance extends the life beyond this. */
  readonly capAt: Date;
  readonly completedAt: Date | null;
  /** When somebody first signed in to the account after it was asked for. */
  readonly signedInAt: Date | null;
  readonly endedBecause: string | null;
  /** In which it was sent, if it was in one. */
  readonly ticketId: string | null;
  /** The newest mail with this link: when it was queued and what became of it. */
  readonly lastMail: { readonly queuedAt: Date; readonly state: EmailState } | null;
  readonly isMailWaiting: boolean;
}

/** A link can be redeemed while it is open, before its cap, and before its end or with a mail of it still on its way. */
export function isLive(recovery: Recovery, now: Date): boolean {
  if (recovery.storedState !== "open" || now >= recovery.capAt) return false;
  return recovery.isMailWaiting || (recovery.expiresAt !== null && now < recovery.expiresAt);
}

/** @returns the state that people are shown. */
export function stateOf(recovery: Recovery, now: Date): RecoveryState {
  if (recovery.storedState !== "open") return recovery.storedState;
  const { state } = recovery.lastMail ?? {};
  if (state === "failed" || state === "bounced") return state;
  if (!isLive(recovery, now)) return "expired";
  return recovery.expiresAt === null || now >= recovery.expiresAt ? "queued" : "sent";
}

/**
 * @returns whether nobody has signed in since: with the new password once one was set, before that with any, since the old
 *   one may have been remembered. A temporary password that ran out before it was changed lets nobody in again.
 */
export function isStillOut(recovery: Recovery, lastSignInAt: Date | null, now: Date): boolean {
  if (recovery.method === "temporary_password" && stateOf(recovery, now) === "expired") return true;
  return lastSignInAt === null || lastSignInAt < (recovery.completedAt ?? recovery.requestedAt);
}

/** @returns whether it ended with everything of the instance, so that whoever waited for it still does. */
export function endedWithAll({ endedBecause }: Recovery): boolean {
  return endedBecause === "everything_ended" || endedBecause === "instance_suspended";
}

/** @returns when the link ends or ended, as far as that is known. */
export function endOf(recovery: Recovery): Date {
  return earlier(recovery.expiresAt ?? recovery.capAt, recovery.capAt);
}

/** @returns the user's open recovery by link; there is one at most, and it may have run out. */
export async function findOpenLink(tx: Tx, scope: Scope, userId: string): Promise<Recovery | undefined> {
  const row = await recoveriesOf(tx, scope)
    .where("user_id", "=", userId)
    .where("state", "=", "open")
    .where("method", "=", "reset_link")
    .executeTakeFirst();
  return row && toRecovery(row);
}

/** @returns the open recoveries of these users, newest first: a link, a temporary password, or both; they may have run out. */
export async function findOpenRecoveries(
  tx: Tx,
  scope: Scope,
  userIds: readonly string[],
): Promise<readonly Recovery[]> {
  if (userIds.length === 0) return [];
  const rows = await recoveriesOf(tx, scope)
    .where("user_id", "in", userIds)
    .where("state", "=", "open")
    .orderBy("id", "desc")
    .execute();
  return rows.map(toRecovery);
}

const BEGUN = { state: "open", completed_at: null, signed_in_at: null, ended_because: null } as const;

type RecoveryValues = Selectable<RecoveriesTable>;

/** Keeps a recovery that begins now. @returns it, before any mail of it. */
export async function insertRecovery(
  tx: Tx,
  scope: Scope,
  values: Omit<RecoveryValues, "instance_id" | "id" | keyof typeof BEGUN>,
): Promise<Recovery> {
  const row: RecoveryValues = { ...BEGUN, ...values, instance_id: scope.instance.id, id: newId() };
  await sendAlong(tx, tx.insertInto("recoveries").values(row));
  return toRecovery({ ...row, last_mail_at: null, last_mail_state: null, is_mail_waiting: false });
}

/** @throws not_found, also for a recovery of another instance. */
export async function getRecovery(tx: Tx, scope: Scope, id: string): Promise<Recovery> {
  const row = isId(id) ? await recoveriesOf(tx, scope).where("id", "=", id).executeTakeFirst() : undefined;
  if (!row) throw new RekeyError("not_found");
  return toRecovery(row);
}

/** @returns those of these recoveries that the instance has, by id. */
export async function findRecoveries(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Recovery>> {
  if (ids.length === 0) return new Map();
  const rows = await recoveriesOf(tx, scope).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, toRecovery(row)]));
}

/** @returns the id of the user whose recovery it is, or undefined when the instance has no such recovery. */
export async function findRecoveryUser(tx: Tx, scope: Scope, id: string): Promise<string | undefined> {
  if (!isId(id)) return undefined;
  const row = await tx
    .selectFrom("recoveries")
    .select("user_id")
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .executeTakeFirst();
  return row?.user_id;
}

/** @returns the newest recovery of each of these users. */
export async function findLatestRecoveries(
  tx: Tx,
  scope: Scope,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Recovery>> {
  if (userIds.length === 0) return new Map();
  const rows = await recoveriesOf(tx, scope)
    .where("user_id", "in", userIds)
    .distinctOn("user_id")
    .orderBy("user_id")
    .orderBy("id", "desc")
    .execute();
  return new Map(rows.map((row) => [row.user_id, toRecovery(row)]));
}

/** @returns recoveries of the instance, newest first, from the one with the id `before` on. */
export async function listRecoveries(
  tx: Tx,
  scope: Scope,
  of: {
    userId?: string | undefined;
    ticketId?: string | undefined;
    method?: RecoveryMethod | undefined;
    /** As stored. */
    states?: readonly StoredRecoveryState[];
    before?: string | undefined;
    limit: number;
  },
): Promise<readonly Recovery[]> {
  let query = recoveriesOf(tx, scope);
  if (of.userId !== undefined) query = query.where("user_id", "=", of.userId);
  if (of.ticketId !== undefined) query = query.where("ticket_id", "=", of.ticketId);
  if (of.method !== undefined) query = query.where("method", "=", of.method);
  if (of.states !== undefined) query = query.where("state", "in", of.states);
  if (of.before !== undefined) query = query.where("id", "<", of.before);
  const rows = await query.orderBy("id", "desc").limit(of.limit).execute();
  return rows.map(toRecovery);
}

function recoveriesOf(tx: Tx, scope: Scope) {
  return tx
    .selectFrom("recoveries")
    .leftJoinLateral(
      (recovery) =>
        recovery
          .selectFrom("emails")
          .select([
            "emails.queued_at as last_mail_at",
            "emails.state as last_mail_state",
            sql<boolean>`bool_or(emails.state = 'queued') over ()`.as("is_mail_waiting"),
          ])
          .whereRef("emails.instance_id", "=", "recoveries.instance_id")
          .whereRef("emails.recovery_id", "=", "recoveries.id")
          .orderBy("emails.queued_at", "desc")
          .orderBy("emails.id", "desc")
          .limit(1)
          .as("mails"),
      (join) => join.onTrue(),
    )
    .selectAll("recoveries")
    .select(["mails.last_mail_at", "mails.last_mail_state", "mails.is_mail_waiting"])
    .where("recoveries.instance_id", "=", scope.instance.id);
}

type RecoveryRow = Selectable<RecoveriesTable> & {
  last_mail_at: Date | null;
  last_mail_state: EmailState | null;
  is_mail_waiting: boolean | null;
};

function toRecovery(row: RecoveryRow): Recovery {
  const { last_mail_at: queuedAt, last_mail_state: state } = row;
  return {
    id: row.id,
    userId: row.user_id,
    method: row.method,
    origin: row.origin,
    storedState: row.state,
    nonce: row.nonce,
    keyId: row.key_id,
    sentTo: row.sent_to,
    requestedBy: row.requested_by,
    requestedByName: row.requested_by_name,
    requestedAt: row.requested_at,
    lifetimeMs: row.lifetime_ms,
    expiresAt: row.expires_at,
    capAt: row.cap_at,
    completedAt: row.completed_at,
    signedInAt: row.signed_in_at,
    endedBecause: row.ended_because,
    ticketId: row.ticket_id,
    lastMail: queuedAt && state ? { queuedAt, state } : null,
    isMailWaiting: row.is_mail_waiting === true,
  };
}
