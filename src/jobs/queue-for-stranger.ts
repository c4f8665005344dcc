import type { Scope } from "#instances/scope.ts";
import { after, SECOND_MS } from "#lib/clock.ts";
import type { RekeyError } from "#lib/errors.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { queueJob } from "./queue-job.ts";

/** How long the worker is left asleep at least, and the same again by chance. */
const FIRST_PAUSE_MS = 100;

/**
 * What a stranger asks for waits for the worker, with the request that brought it: the same one job whoever is asked for, so that
 * neither the answer nor the time it takes tells whether an account exists.
 */
export async function queueForStranger(
  deps: Deps,
  scope: Scope,
  job: { readonly kind: string; readonly payload: Detail },
): Promise<void> {
  const at = deps.clock.now();
  const payload = withRequest(scope, { ...job.payload, asked_at: at.toISOString() });
  await deps.db.inInstance(scope.instance.id, (tx) => queueJob(tx, scope, at, { ...job, payload }));
  // Only when the answer is long gone: where worker and server share a thread, its work would be heard in the answer.
  setTimeout(deps.wakeWorker, FIRST_PAUSE_MS + Math.random() * FIRST_PAUSE_MS);
}

/** What was refused for now, and how long it may wait for its turn from when it was asked for. */
interface Refused {
  readonly kind: string;
  readonly payload: Detail;
  readonly refusal: RekeyError | undefined;
  readonly longestWaitMs: number;
}

/** @returns whether what a stranger asked for waits for its turn, since there was none and one comes in time. */
export async function waitForTurn(tx: Tx, scope: Scope, at: Date, of: Refused): Promise<boolean> {
  const { kind, payload, refusal, longestWaitMs } = of;
  const askedAt = typeof payload.asked_at === "string" ? new Date(payload.asked_at) : at;
  const turnAt = refusal?.retryAfterSeconds && after(at, refusal.retryAfterSeconds * SECOND_MS);
  if (!turnAt || turnAt > after(askedAt, longestWaitMs)) return false;
  const waiting = withRequest(scope, { ...payload, asked_at: askedAt.toISOString() });
  await queueJob(tx, scope, at, { kind, payload: waiting, notBefore: turnAt });
  return true;
}

/** @returns the payload with the request that brought it, which the record of what comes of it names. */
function withRequest({ request }: Scope, payload: Detail): Detail {
  return { ...payload, requestId: request?.id ?? "", sourceAddress: request?.sourceAddress ?? "" };
}
