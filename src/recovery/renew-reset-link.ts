import type { Scope } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import type { Deps } from "#platform/deps.ts";
import { getUser } from "#users/user.ts";
import { countingGuesses } from "./guessed-token.ts";
import { requireLinkOfUse } from "./link-of-use.ts";
import { requireRoomInMailbox } from "./mail-quota.ts";
import { requestRecovery } from "./request-recovery.ts";
import { getRecoveryByToken } from "./reset-link.ts";

/**
 * Who holds a genuine link that no longer works is mailed a fresh one, to the registered address only: the same as asking by
 * “Forgot password?”, with the same limits. They have shown who they are, so they are told where no mail would come.
 * @throws link_invalid, link_revoked where no link helps, too_many_requests
 * @returns the address that it goes to, where the old link went there too; another is not for whoever holds that one.
 */
export async function renewResetLink(
  deps: Deps,
  scope: Scope,
  input: { token: string },
): Promise<{ sentTo: string | undefined }> {
  const { user, recovery } = await countingGuesses(deps, scope, () =>
    deps.db.inInstance(scope.instance.id, async (tx) => {
      const found = await getRecoveryByToken(deps, tx, scope, input.token);
      return { recovery: found, user: await getUser(tx, scope, found.userId) };
    }),
  );
  requireLinkOfUse(scope, user, deps.clock.now());
  await deps.db.inInstance(scope.instance.id, (tx) => requireRoomInMailbox(tx, scope, deps.clock.now(), user));
  await requestRecovery(deps, scope, { identifier: user.email });
  return { sentTo: fold(recovery.sentTo ?? "") === fold(user.email) ? user.email : undefined };
}
