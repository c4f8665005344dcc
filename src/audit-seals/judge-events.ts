import { sql } from "kysely";

import { eventDigest } from "#audit/event-digest.ts";
import type { Instance } from "#instances/instance.ts";
import { timeOfId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { DIGEST_BYTES, idsIn, type Seal } from "./seal.ts";

/** @returns a sentence about the first event of these seals that is missing or not as it was sealed, or undefined. */
export async function findUnfitEvent(
  deps: Deps,
  instance: Instance,
  seals: readonly Seal[],
): Promise<string | undefined> {
  const sealed = seals.flatMap((seal) => entriesOf(seal));
  return deps.db.inInstance(instance.id, async (tx) => {
    const digests = await readDigests(tx, instance, sealed);
    const unfit = sealed.find(({ id, digest }) => !digests.get(id)?.equals(digest));
    if (!unfit) return undefined;
    const { id, seal } = unfit;
    if (!digests.has(id)) return `${missingWords(id)} is missing, though seal ${seal} holds it.`;
    return `${await eventWords(tx, instance, id)} was changed after seal ${seal} was put on it.`;
  });
}

/** An event as a seal holds it. */
interface Entry {
  readonly id: string;
  readonly digest: Buffer;
  readonly seal: number;
}

function entriesOf(seal: Seal): readonly Entry[] {
  const { number, eventDigests } = seal;
  return idsIn(seal).map((id, at) => ({
    id,
    digest: eventDigests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES),
    seal: number,
  }));
}

async function readDigests(tx: Tx, instance: Instance, sealed: readonly Entry[]): Promise<ReadonlyMap<string, Buffer>> {
  const ids = sealed.map(({ id }) => id);
  const rows = await tx
    .selectFrom("audit_events")
    .select(["id", eventDigest.as("digest")])
    .where("instance_id", "=", instance.id)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map(({ id, digest }) => [id, digest]));
}

/**
 * @returns a sentence about the first event that is in no seal and does not wait for one, or undefined. The database compares
 *   all of them in one statement: what is sealed while it runs is in the list or in a seal, never in neither.
 */
export async function findLooseEvent(deps: Deps, instance: Instance): Promise<string | undefined> {
  return deps.db.inInstance(instance.id, async (tx) => {
    // Whatever the planner thinks of tables that nobody has analysed: one by one, a million comparisons would take hours.
    await sql`select set_config('statement_timeout', '0', true), set_config('enable_nestloop', 'off', true)`.execute(
      tx,
    );
    const { rows } = await sql<{ id: string }>`
      select e.id from audit_events e
      where e.instance_id = ${instance.id}
        and not exists (select from unsealed_audit_events w where w.instance_id = ${instance.id} and w.event_id = e.id)
        and not exists (select from (select unnest(event_ids) as id from audit_seals where instance_id = ${instance.id}) s
          where s.id = e.id)
      order by e.id limit 1`.execute(tx);
    const [loose] = rows;
    if (!loose) return undefined;
    return `${await eventWords(tx, instance, loose.id)} is in no seal and does not wait for one: it was put in, or its seal was cut off.`;
  });
}

/** @returns how an event is named: its id, its time and its act. */
export async function eventWords(tx: Tx, instance: Instance, id: string): Promise<string> {
  const { rows } = await sql<{ at: string; action: string }>`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') as at, action from audit_events
    where instance_id = ${instance.id} and id = ${id}`.execute(tx);
  const [event] = rows;
  return event ? `Event ${id} of ${event.at} UTC (${event.action})` : missingWords(id);
}

/** @returns how an event is named that is not there any more: its id tells when it was recorded. */
export function missingWords(id: string): string {
  return `Event ${id}, recorded about ${timeOfId(id).toISOString()},`;
}
