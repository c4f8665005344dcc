import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import { forgetEnded } from "./rate-limit.ts";

/** How fast something may go: so many turns at once after a rest, then one every so often. It slows down and never locks. */
export interface Pace {
  /** What goes at this pace, such as `guessed_tokens:<source>`. */
  readonly key: string;
  readonly atOnce: number;
  readonly everyMs: number;
}

/** Works for what counts its failures alone: ask first, do it, and count it if it failed. @throws too_many_requests */
export async function requireTurnLeft(tx: Tx, scope: Scope, at: Date, pace: Pace): Promise<void> {
  const row = await turnsOf(tx, scope, pace.key);
  if (row && row.ends_at > latestEnd(at, pace)) throw tooMany(at, pace, row.ends_at);
}

/** One turn is gone, whether or not there was one: what goes on at the same time may have been let through together. */
export async function spendTurn(tx: Tx, scope: Scope, at: Date, pace: Pace): Promise<void> {
  await sendAlong(tx, addTurn(tx, scope, at, { pace }));
}

/**
 * One turn is taken, in the database, so that all processes count together; a transaction that rolls back gives it back
 * (generic cell rate algorithm, ITU-T I.371: what is kept is when all turns that were taken will have come back).
 * @throws too_many_requests with the seconds until the next turn; none is taken then.
 */
export async function takeTurn(tx: Tx, scope: Scope, at: Date, pace: Pace): Promise<void> {
  const taken = await addTurn(tx, scope, at, { pace, latest: latestEnd(at, pace) }).executeTakeFirst();
  if (taken) return;
  const row = await turnsOf(tx, scope, pace.key);
  throw tooMany(at, pace, row?.ends_at ?? at);
}

/**
 * One turn of each pace is taken, or none where one of them has none left: who waits for one uses up nothing of the others.
 * @throws too_many_requests with the seconds until the next turn
 */
export async function takeTurns(tx: Tx, scope: Scope, at: Date, paces: readonly Pace[]): Promise<void> {
  for (const pace of paces) await requireTurnLeft(tx, scope, at, pace);
  for (const pace of paces) await takeTurn(tx, scope, at, pace);
}

/**
 * The same, and what is over is forgotten. For what is done without anybody there to be told.
 * @returns the refusal, if there is one.
 */
export async function tryTurns(
  tx: Tx,
  scope: Scope,
  at: Date,
  paces: readonly Pace[],
): Promise<RekeyError | undefined> {
  try {
    await takeTurns(tx, scope, at, paces);
    await forgetEnded(tx, scope, at);
    return undefined;
  } catch (error) {
    if (error instanceof RekeyError && error.code === "too_many_requests") return error;
    throw error;
  }
}

/** @param of.latest when the turns that were taken may come back at most, for one more to be taken. */
function addTurn(tx: Tx, scope: Scope, at: Date, of: { pace: Pace; latest?: Date }) {
  const { key, everyMs } = of.pace;
  return tx
    .insertInto("rate_limits")
    .values({ instance_id: scope.instance.id, key, count: 1, ends_at: after(at, everyMs) })
    .onConflict((conflict) => {
      const added = conflict.columns(["instance_id", "key"]).doUpdateSet({
        ends_at: sql<Date>`greatest(rate_limits.ends_at, ${at}) + ${everyMs} * interval '1 millisecond'`,
      });
      return of.latest ? added.where("rate_limits.ends_at", "<=", of.latest) : added;
    })
    .returning("ends_at");
}

function turnsOf(tx: Tx, scope: Scope, key: string): Promise<{ ends_at: Date } | undefined> {
  return tx
    .selectFrom("rate_limits")
    .select("ends_at")
    .where("instance_id", "=", scope.instance.id)
    .where("key", "=", key)
    .executeTakeFirst();
}

function latestEnd(at: Date, { atOnce, everyMs }: Pace): Date {
  return after(at, (atOnce - 1) * everyMs);
}

function tooMany(at: Date, pace: Pace, endsAt: Date): RekeyError {
  const waitMs = Math.max(1, endsAt.getTime() - latestEnd(at, pace).getTime());
  return new RekeyError("too_many_requests", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}
