import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { isStillOut, listRecoveries, type Recovery, type RecoveryState, stateOf } from "#recovery/recovery.ts";
import { requirePermission } from "#users/permissions.ts";
import { countUsers, findUsers, type User } from "#users/user.ts";

/** How far back the dashboard looks for people who are still out. */
const LOOKED_AT = 100;

/** Somebody who asked to be let back in and is not in yet. */
export interface Waiting {
  readonly user: User;
  readonly recovery: Recovery;
  readonly state: RecoveryState;
}

export interface Overview {
  /** Longest waiting first. */
  readonly waiting: readonly Waiting[];
  readonly counts: { readonly all: number; readonly active: number; readonly inactive: number };
}

/** @returns who waits to get back in. @throws not_permitted */
export async function readOverview(deps: Deps, scope: Scope): Promise<Overview> {
  requirePermission(scope, "users.read");
  return deps.db.inInstance(scope.instance.id, async (tx) => ({
    waiting: await findWaiting(tx, scope, deps.clock.now()),
    counts: await countUsers(tx, scope),
  }));
}

/** Only the newest recovery of each user says whether they are still out. */
async function findWaiting(tx: Tx, scope: Scope, now: Date): Promise<readonly Waiting[]> {
  const recoveries = await listRecoveries(tx, scope, { limit: LOOKED_AT });
  const newest = [...new Map(recoveries.toReversed().map((recovery) => [recovery.userId, recovery])).values()];
  const users = await findUsers(
    tx,
    scope,
    newest.map(({ userId }) => userId),
  );
  const waiting: Waiting[] = [];
  for (const recovery of newest) {
    const user = users.get(recovery.userId);
    const state = stateOf(recovery, now);
    if (user?.status !== "active" || state === "revoked") continue;
    if (isStillOut(recovery, user.lastSignInAt)) waiting.push({ user, recovery, state });
  }
  return waiting.sort((a, b) => a.recovery.requestedAt.getTime() - b.recovery.requestedAt.getTime());
}
