import { randomInt } from "node:crypto";

import { trimUnseen } from "#lib/text.ts";

/** Letters and digits that nobody takes for another, on a screen or over a telephone: no I, L, O, 0, 1. */
const ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** @returns a new temporary password in four groups, such as `K7QM-4RTX-9HWC-ZB3F`: 16 of 31 characters, 79 bits. */
export function generateTemporaryPassword(): string {
  const group = (): string => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return Array.from({ length: GROUPS }, group).join("-");
}

/**
 * @returns the form in which a temporary password is stored and compared. Spaces at its ends never matter, since they come
 *   along when it is copied; in a generated one neither do case, hyphens and spaces, since it may have been read out.
 */
export function canonicalTemporaryPassword(password: string, isGenerated: boolean): string {
  const trimmed = trimUnseen(password);
  return isGenerated ? trimmed.replace(/[\p{Pd}\p{White_Space}]+/gu, "").toUpperCase() : trimmed;
}

/** What each character is called over a telephone (ICAO spelling alphabet; digits as they are). */
const SPOKEN: Readonly<Record<string, string>> = {
  A: "Alfa",
  B: "Bravo",
  C: "Charlie",
  D: "Delta",
  E: "Echo",
  F: "Foxtrot",
  G: "Golf",
  H: "Hotel",
  J: "Juliett",
  K: "Kilo",
  M: "Mike",
  N: "November",
  P: "Papa",
  Q: "Quebec",
  R: "Romeo",
  S: "Sierra",
  T: "Tango",
  U: "Uniform",
  V: "Victor",
  W: "Whiskey",
  X: "X-ray",
  Y: "Yankee",
  Z: "Zulu",
};

/** @returns the groups of a generated password as they are read out: `Kilo 7 Quebec Mike`. */
export function readOut(generated: string): readonly string[] {
  return generated.split("-").map((group) => [...group].map((character) => SPOKEN[character] ?? character).join(" "));
}
