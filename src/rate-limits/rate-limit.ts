import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";

interface Limit {
  /** What is counted, such as `own_password:<user id>`. */
  readonly key: string;
  readonly times: number;
  /** The window begins with the first time and ends this much later, however often it is tried meanwhile. */
  readonly windowMs: number;
  /** What to do then, where it can be said better than that one should wait. */
  readonly detail?: string;
}

/**
 * One time more is counted, in the database, so that all processes count together and a restart forgets nothing. Commit it
 * before the work that it limits, or attempts made at once would not see each other.
 * @throws too_many_requests with the seconds until the window ends, once it was tried as often as the limit allows.
 */
export async function countTowardsLimit(tx: Tx, scope: Scope, at: Date, limit: Limit): Promise<void> {
  const { key, times, windowMs, detail } = limit;
  const isOver = sql<boolean>`rate_limits.ends_at <= ${at}`;
  const { count, ends_at: endsAt } = await tx
    .insertInto("rate_limits")
    .values({ instance_id: scope.instance.id, key, count: 1, ends_at: after(at, windowMs) })
    .onConflict((conflict) =>
      conflict.columns(["instance_id", "key"]).doUpdateSet({
        count: sql<number>`case when ${isOver} then 1 else rate_limits.count + 1 end`,
        ends_at: sql<Date>`case when ${isOver} then excluded.ends_at else rate_limits.ends_at end`,
      }),
    )
    .returning(["count", "ends_at"])
    .executeTakeFirstOrThrow();
  if (count <= times) return;
  throw new RekeyError("too_many_requests", {
    ...(detail !== undefined && { detail }),
    retryAfterSeconds: Math.ceil((endsAt.getTime() - at.getTime()) / 1_000),
  });
}

/** What was counted under the key is forgotten, as after a success. */
export async function forgetCount(tx: Tx, scope: Scope, key: string): Promise<void> {
  await sendAlong(tx, tx.deleteFrom("rate_limits").where("instance_id", "=", scope.instance.id).where("key", "=", key));
}

/**
 * What is over is forgotten, so that the addresses of strangers do not pile up. Call it after whatever the transaction counts:
 * it passes over what others hold, so nobody waits for it.
 */
export async function forgetEnded(tx: Tx, scope: Scope, at: Date): Promise<void> {
  const ended = tx
    .selectFrom("rate_limits")
    .select("key")
    .where("instance_id", "=", scope.instance.id)
    .where("ends_at", "<=", at)
    .forUpdate()
    .skipLocked();
  await sendAlong(
    tx,
    tx.deleteFrom("rate_limits").where("instance_id", "=", scope.instance.id).where("key", "in", ended),
  );
}
