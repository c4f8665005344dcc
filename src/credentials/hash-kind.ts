import { timingSafeEqual } from "node:crypto";

/** One way in which some system keeps passwords. */
export interface HashKind {
  /** As people call it. */
  readonly name: string;
  /** What every hash of this kind begins with, and none of another. */
  readonly begins: RegExp;
  /** @returns the hash taken apart, or undefined when it is not whole. */
  readonly parse: (stored: string) => ParsedHash | undefined;
}

/** A hash that is whole. */
export interface ParsedHash {
  /** Whether one check stays below a second of one core and below 128 MiB, whoever made the hash and however often it is tried. */
  readonly isAffordable: boolean;
  /** Does the work of one check. `password` is UTF-8. */
  readonly matches: (password: Buffer) => Promise<boolean>;
}

/** A digest shorter than this would be matched by chance, and an empty one by everything. */
const SHORTEST_DIGEST_BYTES = 16;
const LONGEST_DIGEST_BYTES = 64;

/** @returns the bytes of base64 (RFC 4648, section 4) with or without its padding, or undefined for what nobody would write. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  const written = bytes.toString("base64");
  return text === written || text === written.replace(/=+$/, "") ? bytes : undefined;
}

/** @returns the bytes of a digest that is long enough to tell one password from another, or undefined. */
export function decodeDigest(text: string): Buffer | undefined {
  const digest = decodeBase64(text);
  if (!digest || digest.length < SHORTEST_DIGEST_BYTES || digest.length > LONGEST_DIGEST_BYTES) return undefined;
  return digest;
}

/**
 * @returns whether the password has a NUL in it. HMAC fills a short key up with NULs (RFC 2104, section 2), so that what is built
 *   on it takes `a` and `a NUL` for the same; so does what was made for C. Nobody can type one: it is never right there.
 */
export function hasNul(password: Buffer): boolean {
  return password.includes(0);
}

/** @returns whether two digests are the same, after the same time wherever they differ. */
export function isSameDigest(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
