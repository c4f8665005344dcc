import { endedWithAll, isStillOut, type Recovery, stateOf } from "#recovery/recovery.ts";
import type { StateKind } from "#ui/chip.tsx";
import { isSlow } from "#user-management/access-chip.tsx";
import type { User } from "#users/user.ts";

/** What keeps somebody out, in the administrator's words. */
export interface Obstacle {
  /** `failure` where nobody gets further without an administrator, `info` where the person only has to do the next step. */
  readonly kind: Extract<StateKind, "failure" | "waiting" | "info">;
  readonly words: string;
}

const URGENCY = { failure: 0, waiting: 1, info: 2 } as const;

/** @returns a negative number where the first is more urgent. */
export function byUrgency(one: Obstacle, other: Obstacle): number {
  return URGENCY[one.kind] - URGENCY[other.kind];
}

export const FROZEN: Obstacle = { kind: "failure", words: "Frozen: “This was not me”" };
const REQUIRED: Obstacle = { kind: "waiting", words: "New password required" };
export const LOCKED: Obstacle = { kind: "failure", words: "Locked after failed sign-ins" };

/**
 * @param of.isRefused whether no password that they could type is taken any more.
 * @returns what is in the way of somebody whose newest recovery this is; undefined where they are in, or nobody waits for it.
 */
export function obstacleOf(
  recovery: Recovery,
  { user, isRefused, now }: { user: User; isRefused: boolean; now: Date },
): Obstacle | undefined {
  if (!isStillOut(recovery, user.lastSignInAt, now)) return undefined;
  const isTemporary = recovery.method === "temporary_password";
  switch (stateOf(recovery, now)) {
    case "queued":
      return isSlow(recovery, now)
        ? { kind: "waiting", words: "Mail not accepted yet" }
        : { kind: "info", words: "Mail on its way" };
    case "sent":
      return { kind: "info", words: isTemporary ? "Temporary password not used yet" : "Link not used yet" };
    case "bounced":
      return { kind: "failure", words: "Mail bounced" };
    case "failed":
      return { kind: "failure", words: "Mail refused" };
    case "completed":
      return isRefused ? REQUIRED : { kind: "waiting", words: "Password set, not signed in" };
    case "expired":
      return { kind: "waiting", words: isTemporary ? "Temporary password expired" : "Link expired unused" };
    case "revoked":
      if (isRefused) return REQUIRED;
      return endedWithAll(recovery) ? { kind: "waiting", words: "Link revoked" } : undefined;
  }
}
