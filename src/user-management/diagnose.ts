import { listSignIns } from "#audit-trail/list-sign-ins.ts";
import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { findTriesElsewhere } from "#other-instances/find-tries-elsewhere.ts";
import type { Deps } from "#platform/deps.ts";
import { readTimelines } from "#recovery/timeline.ts";
import { requirePermission } from "#users/permissions.ts";
import { getUser, type User } from "#users/user.ts";
import { readAccess } from "./access.ts";
import { type Actions, actionsOn } from "./actions.ts";
import type { Cause } from "./cause.ts";
import { findCauses, RECENT_MS } from "./find-causes.ts";
import { findNearMisses } from "./near-misses.ts";

/** Why a person cannot sign in, the true cause first, and what the acting person may do about it. */
export interface Diagnosis {
  readonly user: User;
  readonly here: Instance;
  readonly causes: readonly [Cause, ...Cause[]];
  readonly actions: Actions;
  /** Whether a link is sent only with a verification record. */
  readonly asksBeforeSending: boolean;
}

/** @returns why the user cannot sign in, from what the database knows. @throws not_permitted, not_found */
export async function diagnose(deps: Deps, scope: Scope, { userId }: { userId: string }): Promise<Diagnosis> {
  requirePermission(scope, "users.read");
  const now = deps.clock.now();
  const known = await deps.db.inInstance(scope.instance.id, async (tx) => {
    const user = await getUser(tx, scope, userId);
    const access = (await readAccess(tx, scope, now, [user])).of(user);
    const latest = access.latestRecovery?.id;
    const timelines = await readTimelines(tx, scope, latest === undefined ? [] : [latest]);
    return {
      user,
      access,
      timeline: timelines.get(latest ?? "") ?? [],
      signIns: await listSignIns(tx, scope, user.id),
      nearMisses: await findNearMisses(tx, scope, after(now, -RECENT_MS), user),
    };
  });
  const { user, access } = known;
  const triesElsewhere = await findTriesElsewhere(deps, scope, after(now, -RECENT_MS), user);
  return {
    user,
    here: scope.instance,
    causes: findCauses({ ...known, triesElsewhere }, now),
    actions: actionsOn(scope, user, access, now),
    asksBeforeSending: scope.instance.requiresVerificationForLinks,
  };
}
