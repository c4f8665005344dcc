import { hashPassword } from "#credentials/password-hash.ts";
import type { Role } from "#platform/database/tables.ts";

/** A password that the policy takes for everybody; tests that are not about passwords use it. */
export const GOOD_PASSWORD = "quiet lantern meadow bicycle";

let userNumber = 0;

/** What a test says of somebody new; the rest is made up. */
export interface Newcomer {
  readonly role?: Role;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly username?: string;
  /** Past every rule, for a state that a test begins with; null for who never set one. */
  readonly password?: string | null;
}

/** @returns somebody who can be made a user of any instance. */
export async function newcomer({ password = GOOD_PASSWORD, ...given }: Newcomer = {}) {
  userNumber += 1;
  return {
    role: "member",
    email: `person${userNumber}@oak.example`,
    firstName: "Kim",
    lastName: `Nguyen${userNumber}`,
    ...given,
    passwordHash: password === null ? undefined : await hashOf(password),
    invite: false,
  } as const;
}

/** Most people of a test have the same password, and one hash of it is as good as a thousand. */
let goodHash: Promise<string> | undefined;

function hashOf(password: string): Promise<string> {
  if (password !== GOOD_PASSWORD) return hashPassword(password);
  goodHash ??= hashPassword(password);
  return goodHash;
}
