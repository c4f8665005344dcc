import { findCredentialKinds } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import { findSuppressions, type SuppressedAddress } from "#mail-delivery/suppressed-address.ts";
import type { Tx } from "#platform/database/database.ts";
import { findLatestRecoveries, findOpenRecoveries, type Recovery } from "#recovery/recovery.ts";
import { findOpenings } from "#recovery/timeline.ts";
import { findLockouts } from "#sessions/lockout.ts";
import type { User } from "#users/user.ts";

/** How a user can get in at the moment. */
export interface Access {
  /** `refused` where the old one opens nothing until a new one is set. */
  readonly password: "none" | "set" | "temporary" | "refused";
  /** The newest recovery, whatever became of it. */
  readonly latestRecovery: Recovery | undefined;
  /** When a person last opened its link, if one did. */
  readonly openedAt: Date | undefined;
  /** Newest first; more than one where a link was sent while a temporary password had not been changed. They may have run out. */
  readonly openRecoveries: readonly Recovery[];
  /** Why no mail is sent to their address, where mails to it come back. */
  readonly suppressed: SuppressedAddress | undefined;
  /** Until when sign-in is stopped after too many failures; undefined while it is not. */
  readonly lockedUntil: Date | undefined;
}

/** @returns the access of each of these users at a moment. */
export async function readAccess(
  tx: Tx,
  scope: Scope,
  at: Date,
  users: readonly User[],
): Promise<{ of(user: User): Access }> {
  const userIds = users.map(({ id }) => id);
  const latest = await findLatestRecoveries(tx, scope, userIds);
  const opened = await findOpenings(
    tx,
    scope,
    Array.from(latest.values(), ({ id }) => id),
  );
  const open = await findOpenRecoveries(tx, scope, userIds);
  const kinds = await findCredentialKinds(tx, scope, userIds);
  const addresses = users.map(({ email }) => email);
  const suppressed = await findSuppressions(tx, scope.instance, addresses);
  const lockouts = await findLockouts(tx, scope, at, userIds);
  return {
    of: ({ id, email }) => ({
      password: PASSWORD_WORDS[kinds.get(id) ?? "none"],
      latestRecovery: latest.get(id),
      openedAt: opened.get(latest.get(id)?.id ?? ""),
      openRecoveries: open.filter(({ userId }) => userId === id),
      suppressed: suppressed.get(fold(email)),
      lockedUntil: lockouts.get(id),
    }),
  };
}

const PASSWORD_WORDS = { none: "none", permanent: "set", temporary: "temporary", refused: "refused" } as const;
