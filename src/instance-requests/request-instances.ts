import { recordAuditEvent } from "#audit/audit-event.ts";
import { listInstances } from "#instances/instance.ts";
import { asSystem, type Scope } from "#instances/scope.ts";
import { queueForStranger } from "#jobs/queue-for-stranger.ts";
import type { GatheringJob } from "#jobs/run-jobs.ts";
import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { fold, keepable } from "#lib/text.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Deps } from "#platform/deps.ts";
import { networkOf } from "#platform/http/source-address.ts";
import { type Pace, tryTurns } from "#rate-limits/pace.ts";
import { maySignIn } from "#sessions/session.ts";
import { findUserByIdentifier } from "#users/user.ts";

/** One mail holds them all, so nobody needs more. */
const ONE_ADDRESS = { atOnce: 3, everyMs: HOUR_MS };
const ONE_SOURCE = { atOnce: 10, everyMs: 2 * MINUTE_MS };
/** Each looks into every instance. */
const ONE_INSTANCE = { atOnce: 30, everyMs: MINUTE_MS };

/** Kind of the job that `requestInstances` queues. */
export const INSTANCE_REQUEST = "instance_request";

/** Kind of the mail that it leads to. */
export const INSTANCE_LIST = "instance_list";

/**
 * Find my instance: the same one job is queued whoever asks, so that neither the answer nor the time it takes tells a stranger
 * whether an account goes by the address, here or elsewhere.
 */
export async function requestInstances(deps: Deps, scope: Scope, input: { email: string }): Promise<void> {
  await queueForStranger(deps, scope, { kind: INSTANCE_REQUEST, payload: { email: keepable(input.email) } });
}

/** What the worker does with such a job: the address is mailed where it may sign in, if anywhere. Always recorded. */
export const answerInstanceRequest: GatheringJob = {
  gather: async (deps, scope, payload) => {
    const email = String(payload.email);
    const refusal = await deps.db.inInstance(scope.instance.id, (tx) =>
      tryTurns(tx, scope, deps.clock.now(), pacesOf(scope, email)),
    );
    const homes = refusal === undefined ? await findHomes(deps, email) : [];
    const to = homes[0]?.email ?? null;
    return {
      refusal: refusal?.code ?? (to === null ? "unknown_user" : null),
      to,
      names: homes.map(({ name }) => name),
      origins: homes.map(({ origin }) => origin),
    };
  },
  handle: async (deps, scope, tx, { email, refusal, to, names = [], origins = [] }) => {
    const at = deps.clock.now();
    await recordAuditEvent(tx, scope, at, {
      action: "instance.find",
      target: { type: "user", id: null, name: String(email) },
      ...(refusal && { result: "refused", reason: String(refusal) }),
    });
    // To the address as it is kept, never as it was typed.
    if (!refusal)
      await queueEmail(tx, scope, at, { kind: INSTANCE_LIST, userId: null, to: String(to), data: { names, origins } });
  },
};

/** Where somebody may sign in, and the address as it is kept there. */
interface Home {
  readonly name: string;
  readonly origin: string;
  readonly email: string;
}

/** Every instance is asked in a transaction of its own, behind its own wall, for this one address and nothing else. */
async function findHomes(deps: Deps, email: string): Promise<readonly Home[]> {
  const homes: Home[] = [];
  if (!email.includes("@")) return homes;
  for (const instance of await listInstances(deps.db)) {
    if (instance.status !== "active") continue;
    const user = await deps.db.inInstance(instance.id, (tx) => findUserByIdentifier(tx, asSystem(instance), email));
    if (user && maySignIn(user)) homes.push({ name: instance.name, origin: instance.origin, email: user.email });
  }
  return homes;
}

function pacesOf(scope: Scope, email: string): readonly Pace[] {
  const source = networkOf(scope.request?.sourceAddress ?? "");
  return [
    { key: `instance_requests_from:${source}`, ...ONE_SOURCE },
    { key: `instance_requests_of:${digestOf(fold(email)).toString("hex")}`, ...ONE_ADDRESS },
    { key: "instance_requests", ...ONE_INSTANCE },
  ];
}
