import { sql } from "kysely";

import { askAnother } from "#approvals/second-administrator.ts";
import { actingUserId, type Scope } from "#instances/scope.ts";
import { after, HOUR_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { getUser } from "#users/user.ts";

/** Nobody who answers a telephone lets more people in; somebody who took over an administrator's session would. */
const MOST_PER_HOUR = 50;

const WHY = `You have let ${MOST_PER_HOUR} people back in within an hour.`;

/**
 * Goes on while the acting administrator, or who made the acting key, has helped few people of late, or another administrator
 * has agreed since that they go on. Where there is no other one, a fresh sign-in does.
 * @throws approval_required within `askingApproval`, step_up_required, and too_many_requests for a key that nobody can agree to
 */
export async function requireBrakeReleased(tx: Tx, scope: Scope, at: Date): Promise<void> {
  const userId = actingUserId(scope);
  if (userId === null || scope.approvalId !== undefined) return;
  // One after another, so that of a hundred at once the fifty-first sees the others.
  await sendAlong(tx, sql`select pg_advisory_xact_lock(hashtextextended(${`resets by ${userId}`}, 0))`);
  const first = await findFirstOfTooMany(tx, scope, userId, after(at, -HOUR_MS));
  if (!first) return;
  await askAnother(tx, scope, { act: "go_on", user: await getUser(tx, scope, userId), input: {}, because: WHY });
  requireFreshSignIn(scope, at);
  if (scope.actor.type === "api_key") {
    const retryAfterSeconds = Math.ceil((after(first, HOUR_MS).getTime() - at.getTime()) / 1_000);
    throw new RekeyError("too_many_requests", { detail: `${WHY} Wait until the hour is over.`, retryAfterSeconds });
  }
}

/** @returns when the first of as many people as the brake allows was helped since then, and since another agreed; undefined while there were fewer. */
async function findFirstOfTooMany(tx: Tx, scope: Scope, userId: string, since: Date): Promise<Date | undefined> {
  const agreement = tx
    .selectFrom("approvals")
    .select((approval) => approval.fn.max("decided_at").as("at"))
    .where("instance_id", "=", scope.instance.id)
    .where("act", "=", "go_on")
    .where("requested_by", "=", userId)
    .where("state", "=", "approved");
  const row = await tx
    .selectFrom("recoveries")
    .select("requested_at")
    .where("instance_id", "=", scope.instance.id)
    .where("requested_by", "=", userId)
    .where("requested_at", ">", sql<Date>`greatest(${since}::timestamptz, ${agreement})`)
    .where("origin", "=", "admin")
    .orderBy("requested_at", "desc")
    .offset(MOST_PER_HOUR - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.requested_at;
}
