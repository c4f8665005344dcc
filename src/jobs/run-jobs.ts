import { findInstance } from "#instances/instance.ts";
import { type Scope, STRANGER } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Claim, Tx } from "#platform/database/database.ts";
import type { Detail } from "#platform/database/tables.ts";
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

/** Leaves the job where it is, until what it needs has been gathered. */
class Ungathered extends Error {
  readonly gather: () => Promise<Detail>;

  constructor(gather: () => Promise<Detail>) {
    super("The job needs something from outside first");
    this.gather = gather;
  }
}

/**
 * Does jobs that are due. One that fails falls due again when its lease ends.
 * @returns how many were claimed; the caller looks again at once while there are any.
 */
export async function runJobs(deps: Deps, handlers: Handlers): Promise<number> {
  const claims = await deps.db.claim("jobs", deps.clock.now(), { limit: BATCH, leaseMs: LEASE_MS });
  for (const claim of claims) {
    await runOne(deps, handlers, claim).catch((error: unknown) => {
      if (error instanceof RekeyError && error.code === "instance_suspended") return; // It waits until that is over.
      deps.log.error("a job failed and will be tried again", { job: claim.id, error: String(error) });
    });
  }
  return claims.length;
}

/** A job that gathers is begun twice: first to see what it is. */
async function runOne(deps: Deps, handlers: Handlers, claim: Claim): Promise<void> {
  try {
    await runClaimed(deps, handlers, claim);
  } catch (error) {
    if (!(error instanceof Ungathered)) throw error;
    await runClaimed(deps, handlers, claim, await error.gather());
  }
}

async function runClaimed(deps: Deps, handlers: Handlers, claim: Claim, gathered?: Detail): Promise<void> {
  const instance = await findInstance(deps.db, claim.instanceId);
  if (!instance) return;
  await deps.db.inInstance(instance.id, async (tx) => {
    const job = await tx
      .deleteFrom("jobs")
      .where("instance_id", "=", instance.id)
      .where("id", "=", claim.id)
      .where("attempts", "=", claim.attempt)
      .returning(["kind", "payload"])
      .executeTakeFirst();
    if (!job) return;
    const { sourceAddress, requestId, ...payload } = job.payload;
    const request = { id: String(requestId), sourceAddress: String(sourceAddress) };
    const handle = handlers[job.kind];
    // It may be of a newer version that runs beside this one: rolled back, it waits for that one.
    if (!handle) throw new Error(`Nobody does jobs of kind ${job.kind}`);
    const isGathering = typeof handle !== "function";
    const scope: Scope = { instance, actor: STRANGER, request };
    if (isGathering && !gathered) throw new Ungathered(() => handle.gather(deps, scope, payload));
    const act = isGathering ? handle.handle : handle;
    await act(deps, scope, tx, { ...payload, ...gathered });
  });
  deps.wakeWorker(); // The job may have queued a mail, and somebody waits for it.
}
