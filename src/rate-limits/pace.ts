import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";

/** How fast something may go: so many turns at once after a rest, then one every so often. It slows down and never locks. */
interface Pace {
  /** What goes at this pace, such as `guessed_tokens:<source>`. */
  readonly key: string;
  readonly atOnce: number;
  readonly everyMs: number;
}

/**
 * One turn is taken, in the database, so that all processes count together; a transaction that rolls back gives it back
 * (generic cell rate algorithm, ITU-T I.371: what is kept is when all turns that were taken will have come back).
 * @throws too_many_requests with the seconds until the next turn; none is taken then.
 */
export async function takeTurn(tx: Tx, scope: Scope, at: Date, { key, atOnce, everyMs }: Pace): Promise<void> {
  const instanceId = scope.instance.id;
  const latest = after(at, (atOnce - 1) * everyMs);
  const taken = await tx
    .insertInto("rate_limits")
    .values({ instance_id: instanceId, key, count: 1, ends_at: after(at, everyMs) })
    .onConflict((conflict) =>
      conflict
        .columns(["instance_id", "key"])
        .doUpdateSet({
          ends_at: sql<Date>`greatest(rate_limits.ends_at, ${at}) + ${everyMs} * interval '1 millisecond'`,
        })
        .where("rate_limits.ends_at", "<=", latest),
    )
    .returning("ends_at")
    .executeTakeFirst();
  if (taken) return;
  const { ends_at: endsAt } = await tx
    .selectFrom("rate_limits")
    .select("ends_at")
    .where("instance_id", "=", instanceId)
    .where("key", "=", key)
    .executeTakeFirstOrThrow();
  const waitMs = Math.max(1, endsAt.getTime() - latest.getTime());
  throw new RekeyError("too_many_requests", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}
