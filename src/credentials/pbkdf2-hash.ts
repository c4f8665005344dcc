import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";

import { decodeBase64, decodeDigest, type HashKind, hasNul, isSameDigest, type ParsedHash } from "./hash-kind.ts";

const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64 } as const;
type Algorithm = keyof typeof DIGEST_BYTES;

/** A third of a second of one core with SHA-256; Django 6 writes 1,200,000. Each block of a long digest costs them all again. */
const MOST_ITERATIONS = 2_000_000;

const PHC_PARTS =
  /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?([1-9]\d{0,8})(?:,l=(\d{1,3}))?\$([\w+./]+)\$([\w+./]+)$/;
const DJANGO_PARTS = /^pbkdf2_(sha1|sha256)\$([1-9]\d{0,8})\$([^$]+)\$([\w+/]+={0,2})$/;

interface Parts {
  readonly algorithm: Algorithm;
  readonly iterations: number;
  readonly salt: Buffer | undefined;
  readonly digest: Buffer | undefined;
  /** As the hash itself says it; the algorithm's own where it says nothing. */
  readonly digestBytes?: number | undefined;
}

/**
 * PBKDF2 as a PHC string, and as passlib writes it: without the names of the parameters, with `.` for `+`, and without a digest's
 * name for SHA-1 (passlib, `passlib.hash.pbkdf2_digest`, "Format & Algorithm").
 */
export const PBKDF2: HashKind = {
  name: "PBKDF2",
  begins: /^\$pbkdf2(?:-sha1|-sha256|-sha512)?\$/,
  parse: (stored) => {
    const [, algorithm = "sha1", iterations, length, salt = "", digest = ""] = PHC_PARTS.exec(stored) ?? [];
    return whole({
      algorithm: algorithm as Algorithm,
      iterations: Number(iterations),
      salt: decodeBase64(salt.replaceAll(".", "+")),
      digest: decodeDigest(digest.replaceAll(".", "+")),
      digestBytes: length === undefined ? undefined : Number(length),
    });
  },
};

/** PBKDF2 with the salt as it is (Django, "Password management in Django", "How Django stores passwords"). */
export const DJANGO_PBKDF2: HashKind = {
  name: "PBKDF2",
  begins: /^pbkdf2_sha(?:1|256)\$/,
  parse: (stored) => {
    const [, algorithm = "sha1", iterations, salt = "", digest = ""] = DJANGO_PARTS.exec(stored) ?? [];
    return whole({
      algorithm: algorithm as Algorithm,
      iterations: Number(iterations),
      salt: Buffer.from(salt),
      digest: decodeDigest(digest),
    });
  },
};

function whole({ algorithm, iterations, salt, digest, digestBytes }: Parts): ParsedHash | undefined {
  const blockBytes = DIGEST_BYTES[algorithm];
  if (!salt?.length || !digest || digest.length !== (digestBytes ?? blockBytes)) return undefined;
  return {
    isAffordable: iterations * Math.ceil(digest.length / blockBytes) <= MOST_ITERATIONS,
    matches: async (password) => {
      const derived = await promisify(pbkdf2)(password, salt, iterations, digest.length, algorithm);
      return isSameDigest(derived, digest) && !hasNul(password);
    },
  };
}
