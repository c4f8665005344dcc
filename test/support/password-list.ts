import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";

/** Good passwords but for one thing: they are on the list that the tests' program is given. */
export const LEAKED_PASSWORDS = [
  "crimson otter lullaby quarry",
  "Übergröße der Zwölf Äpfel",
  "marigold thimble sonata",
];

/** How a list is written: each line with a count or without, and how a line ends. */
export interface ListForm {
  readonly hasCounts?: boolean;
  readonly lineEnd?: "\n" | "\r\n";
  readonly endsWithLine?: boolean;
}

/** A list as Pwned Passwords has it, of these passwords. @returns its path. */
export function writePasswordList(path: string, passwords: readonly string[], form: ListForm = {}): string {
  const hashes = passwords.map(sha1).toSorted();
  writeHashes(path, hashes, form);
  return path;
}

/** The hashes in the order in which they are given, right or wrong. */
export function writeHashes(path: string, hashes: readonly string[], form: ListForm = {}): void {
  const { hasCounts = true, lineEnd = "\r\n", endsWithLine = true } = form;
  const lines = hashes.map((hash, at) => (hasCounts ? `${hash}:${(at * 7919) % 12_345_678}` : hash));
  writeFileSync(path, lines.join(lineEnd) + (endsWithLine ? lineEnd : ""));
}

/** @returns what a list holds of the password. */
export function sha1(password: string): string {
  return createHash("sha1").update(password, "utf8").digest("hex").toUpperCase();
}
