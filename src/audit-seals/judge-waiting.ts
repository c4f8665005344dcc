import { sql } from "kysely";

import { eventDigest } from "#audit/event-digest.ts";
import { judgeMark, type Mark } from "#audit/unsealed-event.ts";
import type { Instance } from "#instances/instance.ts";
import { after, HOUR_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { eventWords, missingWords } from "./judge-events.ts";
import { idsIn, type Seal } from "./seal.ts";

const PAGE_LENGTH = 1_000;
/** Far longer than the program lets an event wait while it seals later ones. */
const KEPT_BACK_AFTER_MS = 2 * HOUR_MS;
const LONG_AGO = new Date(0);

/** Events that are recorded and not sealed yet. */
export interface WaitingEvents {
  readonly waiting: number;
  /** When the oldest of them was recorded. */
  readonly waitingSince: Date | undefined;
  /** The first of them that is not as the program recorded it. */
  readonly fault: string | undefined;
}

/** Looks at the events of an instance that wait for a seal; `last` is the newest seal that there is. */
export async function judgeWaiting(deps: Deps, instance: Instance, last: Seal | undefined): Promise<WaitingEvents> {
  const newestAt = last ? await readNewest(deps, instance, last) : LONG_AGO;
  let [waiting, cursor] = [0, ""];
  let [waitingSince, fault]: [Date | undefined, string | undefined] = [undefined, undefined];
  for (;;) {
    const events = await deps.db.inInstance(instance.id, (tx) => listPage(deps, tx, instance, cursor));
    waiting += events.length;
    waitingSince ??= events[0]?.at ?? undefined;
    const unfit = events.find((event) => isUnfit(event, last, newestAt));
    fault ??= unfit && (await faultWords(deps, instance, unfit));
    if (events.length < PAGE_LENGTH) return { waiting, waitingSince, fault };
    cursor = events.at(-1)?.id ?? cursor;
  }
}

/** An event that waits; its time is null when it is not there any more. */
interface Event {
  readonly id: string;
  readonly at: Date | null;
  readonly keyId: string | null;
  readonly mark: Mark;
}

function isUnfit({ mark, at }: Event, last: Seal | undefined, newestAt: Date): boolean {
  if (mark === "unmarked") return last !== undefined && !last.hasUnmarked;
  return mark !== "fits" || (at !== null && after(at, KEPT_BACK_AFTER_MS) < newestAt);
}

/** @returns when the newest event of a seal was recorded. */
async function readNewest(deps: Deps, instance: Instance, seal: Seal): Promise<Date> {
  const row = await deps.db.inInstance(instance.id, (tx) =>
    tx
      .selectFrom("audit_events")
      .select((event) => event.fn.max("at").as("at"))
      .where("instance_id", "=", instance.id)
      .where(sql<boolean>`id = any(${idsIn(seal)}::uuid[])`)
      .executeTakeFirst(),
  );
  return row?.at ?? LONG_AGO;
}

function faultWords(deps: Deps, instance: Instance, { id, at, mark, keyId }: Event): Promise<string> {
  return deps.db.inInstance(instance.id, async (tx) => {
    if (at === null) return `${missingWords(id)} was deleted before it was sealed.`;
    const event = await eventWords(tx, instance, id);
    if (mark === "unmarked") return `${event} was put in: it does not have the mark of this program.`;
    if (mark === "does_not_fit") return `${event} was changed before it was sealed, or put in.`;
    if (mark === "unknown_key")
      return `${event} cannot be sealed: REKEY_SECRET does not hold the key ${keyId} with which it was recorded. Give the key back, after the newer ones.`;
    return `${event} is kept from being sealed, while later events were sealed.`;
  });
}

async function listPage(deps: Deps, tx: Tx, instance: Instance, cursor: string): Promise<readonly Event[]> {
  const rows = await tx
    .selectFrom("unsealed_audit_events as waiting")
    .leftJoin("audit_events", (join) =>
      join
        .onRef("audit_events.instance_id", "=", "waiting.instance_id")
        .onRef("audit_events.id", "=", "waiting.event_id"),
    )
    .select(["waiting.event_id", "waiting.key_id", "waiting.mac", "audit_events.at", eventDigest.as("digest")])
    .where("waiting.instance_id", "=", instance.id)
    .$if(cursor !== "", (query) => query.where("waiting.event_id", ">", cursor))
    .orderBy(sql`waiting.event_id`)
    .limit(PAGE_LENGTH)
    .execute();
  return rows.map(({ event_id: id, key_id: keyId, mac, at, digest }) => {
    const mark = judgeMark(deps.keyring, { keyId, mac, digest: at === null ? null : digest });
    return { id, at, keyId, mark };
  });
}
