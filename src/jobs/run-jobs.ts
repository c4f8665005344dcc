import { sql } from "kysely";

import { traceOf } from "#lib/error-words.ts";
import { findInstance } from "#instances/instance.ts";
import { type Scope, STRANGER } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Claim, Tx } from "#platform/database/database.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { Deps } from "#platform/deps.ts";

const BATCH = 20;
/** Far longer than one job takes, and short enough for them to resume within 30 seconds of a crash. */
const LEASE_MS = 20 * SECOND_MS;

/** Does one job in the transaction that also takes it away, so that it is done exactly once. */
export type JobHandler = (deps: Deps, scope: Scope, tx: Tx, payload: Detail) => Promise<void>;

/** What needs something from outside of its instance first, which no transaction may wait for. */
export interface GatheringJob {
  /** @returns what is added to what the job was queued with. */
  readonly gather: (deps: Deps, scope: Scope, payload: Detail) => Promise<Detail>;
  readonly handle: JobHandler;
}

type Handlers = Readonly<Record<string, JobHandler | GatheringJob>>;

/**
 * Does jobs that are due. One that fails falls due again when its lease ends.
 * @returns how many were claimed; the caller looks again at once while there are any.
 */
export async function runJobs(deps: Deps, handlers: Handlers): Promise<number> {
  const claims = await deps.db.claim("jobs", deps.clock.now(), { limit: BATCH, leaseMs: LEASE_MS });
  for (const claim of claims) {
    await runOne(deps, handlers, claim).catch((error: unknown) => {
      if (error instanceof RekeyError && error.code === "instance_suspended") return; // It waits until that is over.
      deps.log.error("a job failed and will be tried again", { job: claim.id, error: traceOf(error) });
    });
  }
  return claims.length;
}

async function runOne(deps: Deps, handlers: Handlers, claim: Claim): Promise<void> {
  const instance = await findInstance(deps.db, claim.instanceId);
  const job = instance && (await readJob(deps, claim));
  if (!job) return;
  const { sourceAddress, requestId, ...payload } = job.payload;
  const request = { id: String(requestId), sourceAddress: String(sourceAddress) };
  const scope: Scope = { instance, actor: STRANGER, request };
  const handler = handlers[job.kind];
  // It may be of a newer version that runs beside this one, and waits for that one.
  if (!handler) throw new Error(`Nobody does jobs of kind ${job.kind}`);
  const { gather, handle } = typeof handler === "function" ? { gather: undefined, handle: handler } : handler;
  const gathered = await gather?.(deps, scope, payload);
  await deps.db.inInstance(instance.id, async (tx) => {
    if (await takeAway(tx, claim)) await handle(deps, scope, tx, { ...payload, ...gathered });
  });
  deps.wakeWorker(); // The job may have queued a mail, and somebody waits for it.
}

/** @returns the job, unless it was done or claimed anew meanwhile. */
async function readJob(
  { db }: Deps,
  { instanceId, id, attempt }: Claim,
): Promise<{ readonly kind: string; readonly payload: Detail } | undefined> {
  const [job] = await db.runInInstance(
    instanceId,
    sql<{ kind: string; payload: Detail }>`
      select kind, payload from jobs where instance_id = ${instanceId} and id = ${id} and attempts = ${attempt}`,
  );
  return job;
}

/** @returns whether it is ours to do, which is decided here, where it also stays or goes with what it does. */
async function takeAway(tx: Tx, { instanceId, id, attempt }: Claim): Promise<boolean> {
  const taken = await tx
    .deleteFrom("jobs")
    .where("instance_id", "=", instanceId)
    .where("id", "=", id)
    .where("attempts", "=", attempt)
    .executeTakeFirst();
  return taken.numDeletedRows > 0n;
}
