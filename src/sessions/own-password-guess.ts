import { type Credential, findCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { MINUTE_MS } from "#lib/clock.ts";
import type { Deps } from "#platform/deps.ts";
import { countTowardsLimit } from "#rate-limits/rate-limit.ts";

/** Whoever sits at somebody's open session may guess their current password this often, and not once more. */
const GUESSES = { times: 9, windowMs: 15 * MINUTE_MS };

/**
 * The guess is counted before it is looked at, so that a hundred at once are a hundred.
 * @returns what to hold it against. @throws too_many_requests
 */
export function readCredentialForGuess(deps: Deps, scope: Scope, userId: string): Promise<Credential | undefined> {
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    await countTowardsLimit(tx, scope, deps.clock.now(), { key: guessesKey(userId), ...GUESSES });
    return findCredential(tx, scope, userId);
  });
}

/** @returns what a user's guesses are counted under, to be forgotten once one is right. */
export function guessesKey(userId: string): string {
  return `own_password:${userId}`;
}
