import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/statement-pool.ts";
import type { Detail, RecoveryEventName } from "#platform/database/tables.ts";

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

/** Adds to the timeline of a recovery, and tells whoever follows it; nothing is ever taken away from one. */
export async function recordEvent(
  tx: Tx,
  scope: Pick<Scope, "instance">,
  recoveryId: string,
  event: NewEvent,
): Promise<void> {
  await recordEvents(tx, scope, [recoveryId], event);
}

/** PostgreSQL takes 65,535 parameters in one statement, and an event has six. */
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
