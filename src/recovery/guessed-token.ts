import type { Scope } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { networkOf } from "#platform/http/source-address.ts";
import { takeTurn } from "#rate-limits/pace.ts";
import { forgetEnded } from "#rate-limits/rate-limit.ts";

/** People whose mail program cut the link try it a few times, several of them behind one address. */
const GUESSES = { atOnce: 20, everyMs: 30 * SECOND_MS };

/**
 * Does what a token from outside leads to. One that no mail ever held counts against its source, which is soon told to wait.
 * Only then: a genuine link works whatever else comes from the same address, since a treatment centre is one address, and what
 * is limited is work and not luck, which nobody has against 256 bits.
 * @throws too_many_requests instead of link_invalid, and whatever the work throws
 */
export async function countingGuesses<T>(deps: Deps, scope: Scope, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RekeyError && error.code === "link_invalid") await countGuess(deps, scope);
    throw error;
  }
}

async function countGuess(deps: Deps, scope: Scope): Promise<void> {
  const key = `guessed_tokens:${networkOf(scope.request?.sourceAddress ?? "")}`;
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    const at = deps.clock.now();
    await takeTurn(tx, scope, at, { key, ...GUESSES });
    await forgetEnded(tx, scope, at);
  });
}
