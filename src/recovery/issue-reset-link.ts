import { randomBytes } from "node:crypto";

import { type RawBuilder, sql } from "kysely";

import { requireSettledAddress } from "#approvals/second-administrator.ts";
import { findCredential } from "#credentials/credential.ts";
import { actingUserId, type Scope } from "#instances/scope.ts";
import { after, DAY_MS, MINUTE_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import { findSuppression, suppressionWords } from "#mail-delivery/suppressed-address.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { RecoveryOrigin } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import type { User } from "#users/user.ts";
import { countMail } from "./mail-quota.ts";
import { findOpenLink, getRecovery, insertRecovery, isLive, type Recovery } from "./recovery.ts";
import { joinTicket } from "./recovery-ticket.ts";
import { recordEvent } from "./timeline.ts";

/** Within this time of a link's last mail another request sends no second one: the first is on its way. */
const ONE_MAIL_PER_MS = MINUTE_MS;
/** A link never lives longer than this after it was first asked for, however often it is mailed again. */
const LINK_CAP_MS = DAY_MS;
const INVITATION_CAP_MS = 7 * DAY_MS;

interface Link {
  readonly by: "mail" | "hand";
  readonly hasNews?: boolean;
  readonly ticketId?: string | undefined;
  readonly isBulk?: boolean;
}

/**
 * The user has one live link, and a mail with it waits in the outbox, unless one went out within the last minute. While a
 * link is live the same one is mailed again; otherwise a new recovery begins. Who never set a password gets their invitation.
 * Guards are the caller's; only what makes a link pointless is refused here.
 * @param of.user as `lockUser` gave them in this transaction, so that one link is issued after another.
 * @param of.by `hand` queues no mail, for a link that somebody copies off the screen; its life begins at once then.
 * @param of.hasNews the mail says something that the last one did not, so it goes out however recent that was.
 * @param of.ticketId in which it is sent; the ticket hears what becomes of it.
 * @param of.isBulk one of many, whose mails wait while single ones are due.
 * @throws user_inactive, role_denies_access, user_frozen, address_held, address_suppressed, and too_many_requests before anything is written
 */
export async function issueResetLink(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  of: Link & { user: User; origin: RecoveryOrigin },
): Promise<Recovery> {
  const { user } = of;
  requireLinkToHelp(user);
  const [open, hasPassword] = await Promise.all([
    findOpenLink(tx, scope, user.id),
    findCredential(tx, scope, user.id).then((credential) => credential !== undefined),
    of.by === "mail" && requireReachable(tx, scope, user),
  ]);
  const now = deps.clock.now();
  requireSettledAddress(scope, user, now);
  const isRenewal = open !== undefined && isLive(open, now);
  const isMailed = of.by === "mail" && (!isRenewal || of.hasNews === true || !wasJustMailed(open, now));
  if (isMailed) await countMail(tx, scope, now, { user, origin: of.origin });
  if (open && !isRenewal) await closeAsExpired(tx, scope, now, open);
  // Who asks for a fresh link instead of one that ran out is still about the same matter.
  const ticketId = of.ticketId ?? open?.ticketId ?? null;
  const recovery = isRenewal ? open : await createRecovery(tx, scope, now, { ...of, hasPassword, ticketId });
  if (isRenewal && open.ticketId !== ticketId) await joinTicket(tx, scope, now, { recovery: open, ticketId, isMailed });
  if (of.by === "hand") await startLife(tx, scope, now, recovery);
  if (isMailed) await mailLink(tx, scope, now, { ...of, recoveryId: recovery.id });
  if (isRenewal || !isMailed) return getRecovery(tx, scope, recovery.id);
  return { ...recovery, lastMail: { queuedAt: now, state: "queued" }, isMailWaiting: true };
}

/** @throws user_inactive, role_denies_access: a link would let this user set a password, but not sign in with it; user_frozen */
export function requireLinkToHelp(user: User): void {
  if (user.status === "inactive") throw new RekeyError("user_inactive");
  if (user.role === "no_access") throw new RekeyError("role_denies_access");
  if (user.frozenAt) throw new RekeyError("user_frozen");
}

/** @throws address_suppressed: mails to the user come back, so nobody should believe that one more would arrive. */
async function requireReachable(tx: Tx, scope: Scope, user: User): Promise<void> {
  const suppressed = await findSuppression(tx, scope.instance, user.email);
  if (suppressed) throw new RekeyError("address_suppressed", { detail: suppressionWords(suppressed) });
}

/** A mail that failed is no reason to hold the next one back. */
function wasJustMailed(recovery: Recovery, now: Date): boolean {
  const { lastMail } = recovery;
  if (!lastMail || lastMail.state === "failed" || lastMail.state === "bounced") return false;
  return now.getTime() - lastMail.queuedAt.getTime() < ONE_MAIL_PER_MS;
}

async function createRecovery(
  tx: Tx,
  scope: Scope,
  now: Date,
  of: { user: User; hasPassword: boolean; origin: RecoveryOrigin; ticketId: string | null },
): Promise<Recovery> {
  const origin = of.hasPassword ? of.origin : "invitation";
  const isInvitation = origin === "invitation";
  return insertRecovery(tx, scope, {
    user_id: of.user.id,
    method: "reset_link",
    origin,
    nonce: randomBytes(32),
    key_id: tx.keyring.currentKeyId,
    sent_to: of.user.email,
    requested_by: actingUserId(scope),
    requested_by_name: scope.actor.name,
    requested_at: now,
    lifetime_ms: isInvitation ? scope.instance.invitationLifetimeMs : scope.instance.linkLifetimeMs,
    expires_at: null,
    cap_at: after(now, isInvitation ? INVITATION_CAP_MS : LINK_CAP_MS),
    ticket_id: of.ticketId,
  });
}

async function mailLink(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { recoveryId: string; user: User; isBulk?: boolean },
): Promise<void> {
  await recordEvent(tx, scope, of.recoveryId, { event: "requested", at, detail: { by: scope.actor.name } });
  await queueEmail(tx, scope, at, {
    kind: "reset_link",
    userId: of.user.id,
    recoveryId: of.recoveryId,
    to: of.user.email,
    isBulk: of.isBulk ?? false,
    data: { requested_by: scope.actor.name, actor_type: scope.actor.type },
  });
  await recordEvent(tx, scope, of.recoveryId, { event: "queued", at });
}

async function startLife(tx: Tx, scope: Scope, at: Date, recovery: Recovery): Promise<void> {
  await recordEvent(tx, scope, recovery.id, { event: "requested", at, detail: { by: scope.actor.name, copied: true } });
  await renewLife(tx, scope, recovery.id, at);
}

/** The link works for its lifetime from this moment on, up to its cap; what was promised before is never shortened. */
async function renewLife(tx: Tx, scope: Pick<Scope, "instance">, recoveryId: string, from: Date): Promise<void> {
  const renewed = renewedEnd(from);
  await sendAlong(
    tx,
    tx
      .updateTable("recoveries")
      .set({ expires_at: renewed })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", recoveryId)
      .where((row) => row.or([row("expires_at", "is", null), row("expires_at", "<", renewed)])),
  );
}

/** @returns of a row of the recoveries, when its link ends if its life begins at that moment. */
export function renewedEnd(from: Date): RawBuilder<Date> {
  return sql<Date>`least(cap_at, ${from}::timestamptz + lifetime_ms * interval '1 millisecond')`;
}

/** The state that was only derived is written down, so that the successor can be the one open link. */
async function closeAsExpired(tx: Tx, scope: Scope, at: Date, recovery: Recovery): Promise<void> {
  await sendAlong(
    tx,
    tx
      .updateTable("recoveries")
      .set({ state: "expired", ended_because: "replaced" })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", recovery.id)
      .where("state", "=", "open"),
  );
  await recordEvent(tx, scope, recovery.id, { event: "expired", at });
}
