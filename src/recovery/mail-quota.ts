import { actingUserId, type Scope } from "#instances/scope.ts";
import { after, HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import type { RecoveryOrigin } from "#platform/database/tables.ts";
import { networkOf } from "#platform/http/source-address.ts";
import { takeTurns } from "#rate-limits/pace.ts";
import { countTowardsLimit } from "#rate-limits/rate-limit.ts";
import type { User } from "#users/user.ts";

/** Strangers can fill nobody's inbox: more mails than this an hour are not sent to one user at the asking of people not signed in. */
const SELF_SERVICE_MAILS_PER_HOUR = 5;
/** A treatment centre is one address: a hundred who forgot their passwords over the holidays get in at once, then people wait. */
const ONE_SOURCE = { atOnce: 100, everyMs: 2 * MINUTE_MS };
/** In a day still fewer mails than the 2,000 that a common mailbox provider takes from one sender (Google Workspace, "Gmail sending limits"). */
const ONE_INSTANCE = { atOnce: 300, everyMs: MINUTE_MS };
/** Nobody clicks so often, and a company of a thousand still gets its links in the ten minutes in which all are needed. */
const ONE_ADMINISTRATOR = { times: 3_000, windowMs: HOUR_MS };

/**
 * A mail with a link is counted before it is queued: what strangers ask for by address, source and instance, what an
 * administrator sends by the administrator alone, so that neither uses up what is the other's. The operator, and invitations
 * that come with new users, are not limited.
 * @throws too_many_requests; with seconds to wait where a turn comes free by waiting
 */
export async function countMail(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { user: User; origin: RecoveryOrigin },
): Promise<void> {
  if (of.origin === "self_service") await countForStranger(tx, scope, at, of.user);
  if (of.origin === "admin") await countForAdministrator(tx, scope, at);
}

async function countForStranger(tx: Tx, scope: Scope, at: Date, user: User): Promise<void> {
  await requireRoomInMailbox(tx, scope, at, user);
  const source = networkOf(scope.request?.sourceAddress ?? "");
  await takeTurns(tx, scope, at, [
    { key: `self_service_mails_from:${source}`, ...ONE_SOURCE },
    { key: "self_service_mails", ...ONE_INSTANCE },
  ]);
}

/** Counted in the outbox itself, over the hour that ends now, so that no two windows meet in one hour. @throws too_many_requests */
export async function requireRoomInMailbox(tx: Tx, scope: Scope, at: Date, user: User): Promise<void> {
  const mails = await tx
    .selectFrom("emails")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", user.id)
    .where("kind", "=", "reset_link")
    .where("queued_at", ">", after(at, -HOUR_MS))
    .where((email) => email(email.ref("data", "->>").key("actor_type"), "=", "stranger"))
    .limit(SELF_SERVICE_MAILS_PER_HOUR)
    .execute();
  if (mails.length < SELF_SERVICE_MAILS_PER_HOUR) return;
  const detail = `${SELF_SERVICE_MAILS_PER_HOUR} mails with a link were sent within the last hour. Use the newest of them; look into Spam or Junk.`;
  throw new RekeyError("too_many_requests", { detail });
}

async function countForAdministrator(tx: Tx, scope: Scope, at: Date): Promise<void> {
  const { times } = ONE_ADMINISTRATOR;
  const detail = `You had ${times} links mailed within an hour, so this one was not sent. Wait until the hour is over, or ask another administrator.`;
  await countTowardsLimit(tx, scope, at, { key: `mails_by:${actingUserId(scope)}`, ...ONE_ADMINISTRATOR, detail });
}
