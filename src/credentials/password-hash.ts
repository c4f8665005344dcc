import { hash } from "@node-rs/argon2";

import { compose } from "#lib/text.ts";
import { parseHash } from "./stored-hash.ts";

/** OWASP Password Storage Cheat Sheet, "Argon2id": 19 MiB, two passes, one lane. `algorithm: 2` is argon2id. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hash of a password that nobody has: checking against it costs what checking a real one does. Made with PARAMETERS. */
let nobodysHash: Promise<string> | undefined;

/** @returns the argon2id hash as a PHC string. Takes some 15 ms of a core and 19 MiB: never call it inside a transaction. */
export function hashPassword(password: string): Promise<string> {
  return hash(compose(password), PARAMETERS);
}

/**
 * @param stored the user's hash, of our own kind or brought from elsewhere; undefined does the work of one of our own and is
 *   never right, so that a stranger cannot tell by the time it takes whether an account exists (OWASP Authentication Cheat
 *   Sheet, "Authentication Responses").
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  nobodysHash ??= hash("nobody has this password", PARAMETERS);
  const { matches } = parseHash(stored ?? (await nobodysHash));
  let isRight = false;
  // Other systems hashed what was typed. For ours one check must do: a second would tell by its time whose hash this is.
  const isForeign = stored !== undefined && needsRehash(stored);
  for (const spelling of new Set([compose(password), ...(isForeign ? [password] : [])]))
    isRight ||= await matches(Buffer.from(spelling));
  // Half a character becomes U+FFFD in UTF-8, and must not pass for a password that holds a real one.
  return isRight && stored !== undefined && password.isWellFormed();
}

/** @returns whether the hash was made with other parameters than today's, so that the next sign-in should replace it. */
export function needsRehash(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  return !stored.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
}
