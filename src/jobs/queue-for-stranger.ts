import type { Scope } from "#instances/scope.ts";
import type { Detail } from "#platform/database/column-types.ts";
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
  const payload = withRequest(scope, job.payload);
  await deps.db.inInstance(scope.instance.id, (tx) => queueJob(tx, scope, deps.clock.now(), { ...job, payload }));
  // Only when the answer is long gone: where worker and server share a thread, its work would be heard in the answer.
  setTimeout(deps.wakeWorker, FIRST_PAUSE_MS + Math.random() * FIRST_PAUSE_MS);
}

/** @returns the payload with the request that brought it, which the record of what comes of it names. */
export function withRequest({ request }: Scope, payload: Detail): Detail {
  return { ...payload, requestId: request?.id ?? "", sourceAddress: request?.sourceAddress ?? "" };
}
