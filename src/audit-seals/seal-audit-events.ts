import { sql } from "kysely";

import { traceOf } from "#lib/error-words.ts";
import { eventDigest } from "#audit/event-digest.ts";
import { GATHER_MS, judgeMark, type Mark } from "#audit/unsealed-event.ts";
import { findInstances, type Instance } from "#instances/instance.ts";
import { asSystem, type Scope } from "#instances/scope.ts";
import { after, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { queueHeadMail } from "./mail-audit-head.tsx";
import { findHead, type Head, hashOfSeal, macOfSeal, type SealContent } from "./seal.ts";

const MOST_EVENTS = 1_000;
/** An event that is not as it was recorded is looked at again: its key may have been given back meanwhile. */
const LOOK_AGAIN_MS = 5 * MINUTE_MS;

/**
 * Puts a seal on audit events that wait for one, a batch in each instance. No act waits for it: events are sealed after the
 * fact, and each waits in a list until it is, so that one whose transaction commits late is in a later seal and none is ever
 * skipped. Safe on several workers at once: one at a time seals in an instance, and the database takes no number twice.
 * @returns how many events were looked at; the caller looks again at once while there are any.
 */
export async function sealAuditEvents(deps: Deps): Promise<number> {
  const waiting = await deps.db.findUnsealed(deps.clock.now());
  const instances = await findInstances(deps.db, waiting);
  let count = 0;
  for (const instance of instances.values()) {
    count += await sealBatch(deps, instance).catch((error: unknown) => {
      deps.log.error("audit events could not be sealed and will be tried again", {
        instance: instance.origin,
        error: traceOf(error),
      });
      return 0;
    });
  }
  return count;
}

/** An event that waits, as it lies in the database now. */
interface Waiting {
  readonly eventId: string;
  readonly digest: Buffer | null;
  readonly mark: Mark;
}

function sealBatch(deps: Deps, instance: Instance): Promise<number> {
  const scope = asSystem(instance);
  return deps.db.inInstance(instance.id, async (tx) => {
    if (!(await takeTurn(tx, instance))) return 0;
    const head = await findHead(tx, scope);
    const batch = await listWaiting(tx, scope, after(deps.clock.now(), GATHER_MS));
    const sealable = batch.filter(({ mark }) => maySeal(mark, head));
    await refuse(deps, tx, scope, new Set(batch).difference(new Set(sealable)));
    if (sealable.length > 0) {
      await addSeal(deps, tx, scope, { head, sealable });
      await queueHeadMail(tx, scope, deps.clock.now());
    }
    return batch.length;
  });
}

/** Whoever finds another worker at it leaves the instance to that one. The lock ends with the transaction. */
async function takeTurn(tx: Tx, { id }: Instance): Promise<boolean> {
  const key = `audit seals of ${id}`;
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as mine`.execute(tx);
  return rows[0]?.mine === true;
}

/** What was recorded before there were marks is taken in by the first seals alone; afterwards such an event is none of ours. */
function maySeal(mark: Mark, head: Head | undefined): boolean {
  return mark === "fits" || (mark === "unmarked" && (head === undefined || head.hasUnmarked));
}

async function addSeal(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  { head, sealable }: { head: Head | undefined; sealable: readonly Waiting[] },
): Promise<void> {
  const [at, ids] = [deps.clock.now(), sealable.map(({ eventId }) => eventId)];
  const content: SealContent = {
    instanceId: scope.instance.id,
    number: (head?.number ?? 0) + 1,
    sealedAt: secondsOf(at),
    eventCount: ids.length,
    eventIds: `{${ids.join(",")}}`,
    eventDigests: Buffer.concat(sealable.flatMap(({ digest }) => digest ?? [])),
    hasUnmarked: sealable.some(({ mark }) => mark === "unmarked"),
    previousHash: head?.hash ?? Buffer.alloc(0),
    keyId: tx.keyring.currentKeyId,
  };
  const mac = macOfSeal(tx.keyring, content);
  if (!mac) throw new Error("the current key signs");
  await tx
    .insertInto("audit_seals")
    .values({
      instance_id: content.instanceId,
      number: content.number,
      sealed_at: at,
      event_count: content.eventCount,
      event_ids: ids,
      event_digests: content.eventDigests,
      has_unmarked: content.hasUnmarked,
      previous_hash: content.previousHash,
      key_id: content.keyId,
      mac,
      hash: hashOfSeal(content, mac),
    })
    .execute();
  await waitingOf(tx, scope, ids).execute();
}

/** As PostgreSQL writes `extract(epoch from …)`. */
function secondsOf(at: Date): string {
  const ms = at.getTime();
  return `${Math.floor(ms / SECOND_MS)}.${String(ms % SECOND_MS).padStart(3, "0")}000`;
}

/** It stays in the list, where `audit verify` finds it. */
async function refuse(deps: Deps, tx: Tx, scope: Scope, refused: ReadonlySet<Waiting>): Promise<void> {
  if (refused.size === 0) return;
  const ids = [...refused].map(({ eventId }) => eventId);
  await tx
    .updateTable("unsealed_audit_events")
    .set({ next_attempt_at: after(deps.clock.now(), LOOK_AGAIN_MS) })
    .where("instance_id", "=", scope.instance.id)
    .where("event_id", "in", ids)
    .execute();
  deps.log.error("audit events were not sealed, since they are not as they were recorded: run audit verify", {
    instance: scope.instance.origin,
    events: ids.length,
    first: ids[0],
  });
}

/** What was recorded before there were marks comes first. */
async function listWaiting(tx: Tx, scope: Scope, until: Date): Promise<readonly Waiting[]> {
  const unmarked = await listWith(tx, scope, { until, isMarked: false, limit: MOST_EVENTS });
  if (unmarked.length === MOST_EVENTS) return unmarked;
  return [...unmarked, ...(await listWith(tx, scope, { until, isMarked: true, limit: MOST_EVENTS - unmarked.length }))];
}

async function listWith(
  tx: Tx,
  scope: Scope,
  of: { until: Date; isMarked: boolean; limit: number },
): Promise<readonly Waiting[]> {
  const rows = await tx
    .selectFrom("unsealed_audit_events as waiting")
    .leftJoin("audit_events", (join) =>
      join
        .onRef("audit_events.instance_id", "=", "waiting.instance_id")
        .onRef("audit_events.id", "=", "waiting.event_id"),
    )
    .select(["waiting.event_id", "waiting.key_id", "waiting.mac", "audit_events.id", eventDigest.as("digest")])
    .where("waiting.instance_id", "=", scope.instance.id)
    .where("waiting.next_attempt_at", "<=", of.until)
    .where("waiting.mac", of.isMarked ? "is not" : "is", null)
    .orderBy("waiting.event_id")
    .limit(of.limit)
    .execute();
  return rows.map((row) => {
    const digest = row.id === null ? null : row.digest;
    const mark = judgeMark(tx.keyring, { keyId: row.key_id, mac: row.mac, digest });
    return { eventId: row.event_id, digest, mark };
  });
}

function waitingOf(tx: Tx, scope: Scope, ids: readonly string[]) {
  return tx
    .deleteFrom("unsealed_audit_events")
    .where("instance_id", "=", scope.instance.id)
    .where("event_id", "in", ids);
}
