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
  if (userId === null || scope.approved !== undefined) return;
  // One after another, so that of a hundred at once the fifty-first sees the others.
  await sendAlong(tx, sql`select pg_advisory_xact_lock(hashtextextended(${`resets by ${userId}`}, 0))`);
  const first = await findFirstOfTooMany(tx, scope, userId, after(at, -HOUR_MS));
  if (!first) return;
  await askAnother(tx, scope, at, { act: "go_on", user: await getUser(tx, scope, userId), input: {}, because: WHY });
  requireFreshSignIn(scope, at);
  if (scope.actor.type === "api_key") {
    const retryAfterSeconds = Math.ceil((after(first, HOUR_MS).getTime() - at.getTime()) / 1_000);
    throw new RekeyError("too_many_requests", { detail: `${WHY} Wait until the hour is over.`, retryAfterSeconds });
  }
}

/**
 * @returns when the first of as many recoveries as the brake allows was begun since then, or its link handed out by copy, and
 *   since another agreed; undefined while there were fewer.
 */
async function findFirstOfTooMany(tx: Tx, scope: Scope, userId: string, since: Date): Promise<Date | undefined> {
  const instanceId = scope.instance.id;
  const { rows } = await sql<{ at: Date }>`
    with agreed as (
      select greatest(${since}::timestamptz, max(decided_at)) as at from approvals
      where instance_id = ${instanceId} and act = 'go_on' and requested_by = ${userId} and state = 'approved'),
    helped as (
      select id::text as recovery_id, requested_at as at from recoveries, agreed
      where instance_id = ${instanceId} and requested_by = ${userId} and requested_at > agreed.at and origin = 'admin'
      union all
      select detail ->> 'recovery_id', audit_events.at from audit_events, agreed
      where instance_id = ${instanceId} and action = 'recovery.copy_link' and result = 'ok' and audit_events.at > agreed.at
        and (actor_id = ${userId} or actor_id in (
          select id from api_keys where instance_id = ${instanceId} and created_by = ${userId})))
    select max(at) as at from helped group by recovery_id order by 1 desc offset ${MOST_PER_HOUR - 1} limit 1`.execute(
    tx,
  );
  return rows[0]?.at;
}
