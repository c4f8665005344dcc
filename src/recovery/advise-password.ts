import { judgePassword, type PasswordVerdict } from "#credentials/password-advice.tsx";
import type { Scope } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import type { Deps } from "#platform/deps.ts";
import { takeTurn } from "#rate-limits/pace.ts";
import { requireMayActOn, requirePermission } from "#users/permissions.ts";
import { getUser, type User } from "#users/user.ts";
import { countingGuesses } from "./guessed-token.ts";
import { getRecoveryByToken, requireLive } from "./reset-link.ts";

/** Far more than anybody types, and too few to try a list of passwords against the policy. */
const ADVICE = { atOnce: 60, everyMs: SECOND_MS };

/**
 * What the policy would say of a new password, asked while it is typed. Nothing is set, kept or recorded of it, and the link
 * stays as it is.
 * @throws link_invalid, link_used, link_expired, link_revoked, too_many_requests
 */
export async function adviseByLink(
  deps: Deps,
  scope: Scope,
  input: { token: string; password: string },
): Promise<PasswordVerdict> {
  const user = await countingGuesses(deps, scope, () =>
    deps.db.inInstance(scope.instance.id, async (tx) => {
      const recovery = await getRecoveryByToken(deps, tx, scope, input.token);
      requireLive(recovery, scope.instance, deps.clock.now());
      return getUser(tx, scope, recovery.userId);
    }),
  );
  return advise(deps, scope, { askedBy: user.id, user, password: input.password });
}

/** The same for a signed-in person and a password of their own. @throws too_many_requests */
export function adviseOwn(deps: Deps, scope: Scope, input: { user: User; password: string }): Promise<PasswordVerdict> {
  return advise(deps, scope, { ...input, askedBy: input.user.id });
}

/** The same for a temporary password that is typed for somebody. @throws not_permitted, not_found, too_many_requests */
export async function adviseForUser(
  deps: Deps,
  scope: Scope,
  input: { askedBy: string; userId: string; password: string },
): Promise<PasswordVerdict> {
  requirePermission(scope, "recovery.set_temporary_password");
  const user = await deps.db.inInstance(scope.instance.id, (tx) => getUser(tx, scope, input.userId));
  requireMayActOn(scope, user);
  return advise(deps, scope, { ...input, user, isForSomebodyElse: true });
}

async function advise(
  deps: Deps,
  scope: Scope,
  of: { askedBy: string; user: User; password: string; isForSomebodyElse?: boolean },
): Promise<PasswordVerdict> {
  const { askedBy, user, password, isForSomebodyElse = false } = of;
  const pace = { key: `password_advice:${askedBy}`, ...ADVICE };
  await deps.db.inInstance(scope.instance.id, (tx) => takeTurn(tx, scope, deps.clock.now(), pace));
  return judgePassword(deps, password, { user, instanceName: scope.instance.name, isForSomebodyElse });
}
