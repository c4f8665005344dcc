import type { Scope } from "#instances/scope.ts";
import { type PageById, pageById } from "#lib/page-by-id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { RecoveryMethod, StoredRecoveryState } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { listRecoveries, type Recovery, type RecoveryState, stateOf } from "./recovery.ts";

export interface RecoveryQuery {
  readonly state?: RecoveryState | undefined;
  readonly method?: RecoveryMethod | undefined;
  readonly userId?: string | undefined;
  readonly limit: number;
  /** The id of the last recovery of the page before. */
  readonly before?: string | undefined;
}

/** What may be stored of a recovery that shows this state; the rest follows from mails and time. */
const STORED: Readonly<Record<RecoveryState, readonly StoredRecoveryState[]>> = {
  queued: ["open"],
  sent: ["open"],
  bounced: ["open"],
  failed: ["open"],
  expired: ["open", "expired"],
  completed: ["completed"],
  revoked: ["revoked"],
};

/** So many are looked at in one go where only some of them show the state. */
const LOOKED_AT = 200;

/** @returns one page of the recoveries of the instance, newest first; a full one unless there are no more. @throws not_permitted */
export async function listRecoveryPage(deps: Deps, scope: Scope, query: RecoveryQuery): Promise<PageById<Recovery>> {
  requirePermission(scope, "users.read");
  const { state, limit } = query;
  const found = await deps.db.inInstance(scope.instance.id, (tx) =>
    state === undefined
      ? listRecoveries(tx, scope, { ...query, limit: limit + 1 })
      : findInState(tx, scope, deps.clock.now(), { ...query, state, limit: limit + 1 }),
  );
  return pageById(found, limit);
}

async function findInState(
  tx: Tx,
  scope: Scope,
  now: Date,
  query: RecoveryQuery & { readonly state: RecoveryState },
): Promise<readonly Recovery[]> {
  const found: Recovery[] = [];
  let { before } = query;
  while (found.length < query.limit) {
    const states = STORED[query.state];
    const looked = await listRecoveries(tx, scope, { ...query, states, before, limit: LOOKED_AT });
    found.push(...looked.filter((recovery) => stateOf(recovery, now) === query.state));
    if (looked.length < LOOKED_AT) break;
    before = looked.at(-1)?.id;
  }
  return found;
}
