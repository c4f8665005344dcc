import type { Scope } from "#instances/scope.ts";
import { after, MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { Deps } from "#platform/deps.ts";
import { getUser, type User } from "#users/user.ts";
import { countingGuesses } from "./guessed-token.ts";
import { requireAccountInUse } from "./link-of-use.ts";
import { isLive, type Recovery } from "./recovery.ts";
import { getRecoveryByToken, requireLive } from "./reset-link.ts";
import { recordEvent } from "./timeline.ts";

interface Opening {
  readonly token: string;
  /** Whether a machine did it, such as a mail scanner or a browser that loads ahead; it is not shown as the person's doing. */
  readonly isAutomatic: boolean;
}

/** Opening the same link again within this time is the same opening: a person who reloads, or a scanner that insists. */
const ONE_OPENING_PER_MS = MINUTE_MS;

/**
 * The link was opened: its timeline says so, and nothing else changes, however often and by whatever it is opened.
 * @returns whose password can be set with it.
 * @throws link_invalid, too_many_requests, link_used, link_expired, link_revoked
 */
export async function openResetLink(
  deps: Deps,
  scope: Scope,
  opening: Opening,
): Promise<{ recovery: Recovery; user: User }> {
  const open = async (tx: Tx): Promise<{ recovery: Recovery; user: User }> => {
    const now = deps.clock.now();
    const recovery = await getRecoveryByToken(deps, tx, scope, opening.token);
    const user = await getUser(tx, scope, recovery.userId);
    if (!isLive(recovery, now)) requireAccountInUse(user);
    requireLive(recovery, scope.instance, now);
    await recordOpening(tx, scope, now, { recoveryId: recovery.id, isAutomatic: opening.isAutomatic });
    return { recovery, user };
  };
  return countingGuesses(deps, scope, () => deps.db.inInstance(scope.instance.id, open));
}

/** @returns the token's recovery, proven, in whatever state it is. @throws link_invalid, too_many_requests */
export function proveResetLink(deps: Deps, scope: Scope, input: { token: string }): Promise<Recovery> {
  const prove = (tx: Tx): Promise<Recovery> => getRecoveryByToken(deps, tx, scope, input.token);
  return countingGuesses(deps, scope, () => deps.db.inInstance(scope.instance.id, prove));
}

async function recordOpening(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { recoveryId: string; isAutomatic: boolean },
): Promise<void> {
  const detail: Detail = of.isAutomatic ? { automatic: true } : {};
  const recent = await tx
    .selectFrom("recovery_events")
    .select("detail")
    .where("instance_id", "=", scope.instance.id)
    .where("recovery_id", "=", of.recoveryId)
    .where("event", "=", "opened")
    .where("at", ">", after(at, -ONE_OPENING_PER_MS))
    .execute();
  const isRepeated = recent.some((event) => (event.detail.automatic === true) === of.isAutomatic);
  if (!isRepeated) await recordEvent(tx, scope, of.recoveryId, { event: "opened", at, detail });
}
