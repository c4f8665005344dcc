import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { getUser } from "#users/user.ts";
import { countingGuesses } from "./guessed-token.ts";
import { requestRecovery } from "./request-recovery.ts";
import { getRecoveryByToken } from "./reset-link.ts";

/**
 * Who holds a genuine link that no longer works is mailed a fresh one, to the registered address only: the same as asking by
 * “Forgot password?”, with the same limits.
 * @throws link_invalid, too_many_requests
 * @returns the registered address, for telling its owner where to look.
 */
export async function renewResetLink(deps: Deps, scope: Scope, input: { token: string }): Promise<{ sentTo: string }> {
  const user = await countingGuesses(deps, scope, () =>
    deps.db.inInstance(scope.instance.id, async (tx) => {
      const recovery = await getRecoveryByToken(deps, tx, scope, input.token);
      return getUser(tx, scope, recovery.userId);
    }),
  );
  await requestRecovery(deps, scope, { identifier: user.email });
  return { sentTo: user.email };
}
