import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { RecoveryEventName } from "#platform/database/tables.ts";

/** One thing that happened to a recovery. `detail.automatic` is true when a machine did it. */
export interface TimelineEvent {
  readonly id: string;
  readonly event: RecoveryEventName;
  readonly at: Date;
  readonly detail: Detail;
}

interface NewEvent {
  readonly event: RecoveryEventName;
  readonly at: Date;
  readonly detail?: Detail;
}

/** Kind of the job that tells a ticket what happened to a recovery of it; names the event by its id. */
export const TICKET_EVENT = "ticket_event";

/** What a ticket hears of. */
const HEARD: ReadonlySet<RecoveryEventName> = new Set([
  "requested",
  "accepted",
  "bounced",
  "failed",
  "completed",
  "signed_in",
  "expired",
  "revoked",
]);

/** Adds to the timeline of a recovery, and its ticket hears of it, and tells whoever follows it; nothing is ever taken away from one. */
export async function recordEvent(
  tx: Tx,
  scope: Pick<Scope, "instance">,
  recoveryId: string,
  event: NewEvent,
): Promise<void> {
  await recordEvents(tx, scope, [recoveryId], event);
}

/** A statement of some hundred kilobytes. */
const ROWS_AT_ONCE = 5_000;

/** The same in the timelines of many. */
export async function recordEvents(
  tx: Tx,
  scope: Pick<Scope, "instance">,
  recoveryIds: readonly string[],
  { event, at, detail = {} }: NewEvent,
): Promise<void> {
  const rows = recoveryIds.map((recoveryId) => ({
    instance_id: scope.instance.id,
    id: newId(),
    recovery_id: recoveryId,
    event,
    at,
    detail: JSON.stringify(detail),
  }));
  for (let done = 0; done < rows.length; done += ROWS_AT_ONCE)
    await sendAlong(
      tx,
      tx
        .insertInto("recovery_events")
        .values(rows.slice(done, done + ROWS_AT_ONCE))
        .returning(changeOf(scope.instance.id).as("told")),
    );
  if (rows.length > 0 && HEARD.has(event))
    await queueForTicket(
      tx,
      scope,
      at,
      rows.map(({ id }) => id),
    );
}

/** The tickets of those of these events that have one hear of them, once each. */
export async function queueForTicket(
  tx: Tx,
  scope: Pick<Scope, "instance">,
  at: Date,
  eventIds: readonly string[],
): Promise<void> {
  const jobs = sql`unnest(${eventIds}::uuid[], ${eventIds.map(() => newId())}::uuid[]) as job (event_id, id)`;
  const statement = sql`
    insert into jobs (instance_id, id, kind, payload, next_attempt_at, created_at)
    select e.instance_id, job.id, ${TICKET_EVENT}, jsonb_build_object('event_id', e.id), ${at}::timestamptz, ${at}::timestamptz
    from ${jobs}
    join recovery_events e on e.instance_id = ${scope.instance.id} and e.id = job.event_id
    join recoveries r on r.instance_id = e.instance_id and r.id = e.recovery_id and r.ticket_id is not null`;
  await sendAlong(tx, statement);
}

/** @returns the event, and of which recovery. */
export async function getEvent(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<TimelineEvent & { readonly recoveryId: string }> {
  const { recovery_id: recoveryId, ...event } = await tx
    .selectFrom("recovery_events")
    .select(["id", "recovery_id", "event", "at", "detail"])
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return { ...event, recoveryId };
}

/** @returns when a person last opened the link of each of these recoveries, where one did; what machines opened does not count. */
export async function findOpenings(
  tx: Tx,
  scope: Scope,
  recoveryIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (recoveryIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("recovery_events")
    .select(["recovery_id", (of) => of.fn.max("at").as("at")])
    .where("instance_id", "=", scope.instance.id)
    .where("recovery_id", "in", recoveryIds)
    .where("event", "=", "opened")
    .where(sql<boolean>`detail ->> 'automatic' is distinct from 'true'`)
    .groupBy("recovery_id")
    .execute();
  return new Map(rows.map((row) => [row.recovery_id, row.at]));
}

/** @returns the timelines of these recoveries, oldest event first. */
export async function readTimelines(
  tx: Tx,
  scope: Scope,
  recoveryIds: readonly string[],
): Promise<ReadonlyMap<string, readonly TimelineEvent[]>> {
  if (recoveryIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("recovery_events")
    .select(["id", "recovery_id", "event", "at", "detail"])
    .where("instance_id", "=", scope.instance.id)
    .where("recovery_id", "in", recoveryIds)
    .orderBy("at")
    .orderBy("id")
    .execute();
  return Map.groupBy(rows, (row) => row.recovery_id);
}
