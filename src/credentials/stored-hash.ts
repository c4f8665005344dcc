import { ARGON2 } from "./argon2-hash.ts";
import { BCRYPT_HASH, DJANGO_BCRYPT_SHA256 } from "./bcrypt-hash.ts";
import type { HashKind, ParsedHash } from "./hash-kind.ts";
import { DJANGO_PBKDF2, PBKDF2 } from "./pbkdf2-hash.ts";
import { PHPASS } from "./phpass-hash.ts";
import { DJANGO_SCRYPT, SCRYPT } from "./scrypt-hash.ts";

/** Everything that a stored hash may be: our own kind, and those that people bring from elsewhere. */
const KINDS: readonly HashKind[] = [
  ARGON2,
  BCRYPT_HASH,
  DJANGO_BCRYPT_SHA256,
  PHPASS,
  PBKDF2,
  DJANGO_PBKDF2,
  SCRYPT,
  DJANGO_SCRYPT,
];

interface HashFault {
  readonly code: "unknown_hash" | "malformed" | "too_costly";
  /** What is wrong and what to do, for who brings the hash. Never holds the hash, which may be a password typed by mistake. */
  readonly detail: string;
}

/**
 * @returns why a hash from another system cannot be kept here, or undefined when its owner will be able to sign in with it. Whole
 *   is not genuine: a hash that somebody altered is only found out when nobody's password fits it.
 */
export function findHashFault(stored: string): HashFault | undefined {
  const kind = kindOf(stored);
  if (!kind) {
    return {
      code: "unknown_hash",
      detail:
        "This is no hash of a kind that is known here: argon2, bcrypt, phpass, PBKDF2, scrypt, and what Django makes of them. Leave it out and send an invitation.",
    };
  }
  const hash = kind.parse(stored);
  if (!hash) {
    return {
      code: "malformed",
      detail: `It begins like ${kind.name}, but is not whole. Export it again, or leave it out and send an invitation.`,
    };
  }
  if (hash.isAffordable) return undefined;
  return {
    code: "too_costly",
    detail: `Checking this ${kind.name} hash takes longer or more memory than a sign-in may. Leave it out and send an invitation.`,
  };
}

/** @throws Error for what `findHashFault` finds unknown or malformed: nothing of the kind is ever stored. */
export function parseHash(stored: string): ParsedHash {
  const hash = kindOf(stored)?.parse(stored);
  if (!hash) throw new Error("a stored password hash is of no kind that is known here");
  return hash;
}

function kindOf(stored: string): HashKind | undefined {
  return KINDS.find(({ begins }) => begins.test(stored));
}
