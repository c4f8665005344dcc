import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS, HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";

/** A link that no mail server took for this long deserves a look: "within a few minutes", says the help centre. */
const SLOW_MAIL_MS = 3 * MINUTE_MS;

/** What a mail server said last, and about which mail. */
interface LastAnswer {
  readonly at: Date;
  readonly to: string;
  readonly server: string;
  readonly answer: string;
}

/** How long single links took from the click to their acceptance. */
export interface Spread {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** How the mails of an instance fare. */
export interface MailStatus {
  readonly waiting: {
    readonly count: number;
    /** Since when the one waits that has waited longest. */
    readonly since: Date | undefined;
    readonly isSlow: boolean;
    /** Why one of them was put off, if a server said so. */
    readonly because: { readonly server: string; readonly answer: string } | undefined;
  };
  readonly lastAccepted: LastAnswer | undefined;
  readonly lastBounced: LastAnswer | undefined;
  /** Of this hour and the 23 before it; undefined when nothing was accepted in them. */
  readonly day: Spread | undefined;
  /** The same hour by hour, oldest first; hours without a mail are missing. */
  readonly hours: readonly (Spread & { readonly from: Date })[];
}

/** @returns how the mails of the instance fare now and over the last day. @throws not_permitted */
export async function readMailStatus(deps: Deps, scope: Scope): Promise<MailStatus> {
  requirePermission(scope, "settings.edit");
  const now = deps.clock.now();
  const since = after(startOfHour(now), HOUR_MS - DAY_MS);
  return deps.db.inInstance(scope.instance.id, async (tx) => ({
    waiting: await readWaiting(tx, scope, now),
    lastAccepted: await findLast(tx, scope, "settled_at", ["accepted", "bounced"]),
    lastBounced: await findLast(tx, scope, "bounced_at", ["bounced"]),
    day: (await readSpreads(tx, scope, since, DAY_MS))[0],
    hours: await readSpreads(tx, scope, since, HOUR_MS),
  }));
}

/** @returns when the hour of this moment began. */
export function startOfHour(at: Date): Date {
  return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
}

async function readWaiting(tx: Tx, scope: Scope, now: Date): Promise<MailStatus["waiting"]> {
  const waiting = mailsOf(tx, scope).where("state", "=", "queued");
  const { count, since } = await waiting
    .select([sql<number>`count(*)::int`.as("count"), sql<Date | null>`min(queued_at)`.as("since")])
    .executeTakeFirstOrThrow();
  const putOff = await waiting
    .select(["server", "answer"])
    .where("deferrals", ">", 0)
    .orderBy("next_attempt_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return {
    count,
    since: since ?? undefined,
    isSlow: since !== null && now.getTime() - since.getTime() >= SLOW_MAIL_MS,
    because: putOff && { server: putOff.server ?? "", answer: putOff.answer ?? "" },
  };
}

async function findLast(
  tx: Tx,
  scope: Scope,
  when: "settled_at" | "bounced_at",
  states: readonly ("accepted" | "bounced")[],
): Promise<LastAnswer | undefined> {
  const row = await mailsOf(tx, scope)
    .select([when, "state", "to_address", "server", "answer"])
    .where("state", "in", states)
    .orderBy(when, "desc")
    .limit(1)
    .executeTakeFirst();
  const at = row?.[when];
  if (!row || !at) return undefined;
  // What the report said has taken the place of what the server said when it took the mail.
  const isOverwritten = when === "settled_at" && row.state === "bounced";
  const { server, answer } = isOverwritten ? { server: "", answer: "" } : row;
  return { at, to: row.to_address, server: server ?? "", answer: answer ?? "" };
}

async function readSpreads(
  tx: Tx,
  scope: Scope,
  since: Date,
  widthMs: number,
): Promise<readonly (Spread & { readonly from: Date })[]> {
  const tookMs = sql`extract(epoch from settled_at - queued_at) * 1000`;
  const number = sql<number>`floor(extract(epoch from queued_at - ${since}) * 1000 / ${widthMs}::bigint)::int`;
  const rows = await mailsOf(tx, scope)
    .select([
      number.as("number"),
      sql<number>`count(*)::int`.as("count"),
      sql<number>`percentile_cont(0.5) within group (order by ${tookMs})::float8`.as("p50"),
      sql<number>`percentile_cont(0.95) within group (order by ${tookMs})::float8`.as("p95"),
    ])
    .where("kind", "=", "reset_link")
    .where("is_bulk", "=", false)
    .where("state", "in", ["accepted", "bounced"])
    .where("queued_at", ">=", since)
    .groupBy("number")
    .orderBy("number")
    .execute();
  return rows.map((row) => ({
    from: after(since, row.number * widthMs),
    count: row.count,
    p50Ms: Math.round(row.p50),
    p95Ms: Math.round(row.p95),
  }));
}

function mailsOf(tx: Tx, scope: Scope) {
  return tx.selectFrom("emails").where("instance_id", "=", scope.instance.id);
}
