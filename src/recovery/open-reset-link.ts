import type { Scope } from "#instances/scope.ts";
import { MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { getUser, type User } from "#users/user.ts";
import type { Recovery } from "./recovery.ts";
import { getRecoveryByToken, requireLive } from "./reset-link.ts";
import { recordEvent } from "./timeline.ts";

/** Opening the same link again within this time is the same opening: a person who reloads, or a scanner that insists. */
const ONE_OPENING_PER_MS = MINUTE_MS;

/**
 * The link was opened: its timeline says so, and nothing else changes, however often and by whatever it is opened.
 * @returns whose password can be set with it.
 * @throws link_invalid, link_used, link_expired, link_revoked
 */
export async function openResetLink(
  deps: Deps,
  scope: Scope,
  input: { token: string },
): Promise<{ recovery: Recovery; user: User }> {
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const now = deps.clock.now();
    const recovery = await getRecoveryByToken(deps, tx, scope, input.token);
    requireLive(recovery, scope.instance, now);
    const isNew = !(await wasOpenedSince(tx, scope, recovery.id, new Date(now.getTime() - ONE_OPENING_PER_MS)));
    if (isNew) await recordEvent(tx, scope, recovery.id, { event: "opened", at: now });
    return { recovery, user: await getUser(tx, scope, recovery.userId) };
  });
}

/** @returns the token's recovery, proven, in whatever state it is. @throws link_invalid */
export function proveResetLink(deps: Deps, scope: Scope, input: { token: string }): Promise<Recovery> {
  return deps.db.inInstance(scope.instance.id, (tx) => getRecoveryByToken(deps, tx, scope, input.token));
}

async function wasOpenedSince(tx: Tx, scope: Scope, recoveryId: string, since: Date): Promise<boolean> {
  const event = await tx
    .selectFrom("recovery_events")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("recovery_id", "=", recoveryId)
    .where("event", "=", "opened")
    .where("at", ">", since)
    .limit(1)
    .executeTakeFirst();
  return event !== undefined;
}
