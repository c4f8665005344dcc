import { type BinaryLike, scrypt, type ScryptOptions } from "node:crypto";

import { decodeBase64, decodeDigest, type HashKind, hasNul, isSameDigest, type ParsedHash } from "./hash-kind.ts";

/** N · r · p of the strongest that OWASP names (Password Storage Cheat Sheet, "scrypt"): 128 MiB and 0.4 seconds of one core. */
const MOST_WORK = 2 ** 17 * 8;
/** More than that takes; OpenSSL refuses to begin what would take more. */
const MEMORY_LIMIT_BYTES = 256 * 1024 * 1024;

const PHC_PARTS = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})\$([\w+/]+)\$([\w+/]+)$/;
const DJANGO_PARTS = /^scrypt\$(\d{1,9})\$([^$]+)\$(\d{1,4})\$(\d{1,4})\$([\w+/]+={0,2})$/;

interface Parts {
  readonly cost: { readonly N: number; readonly r: number; readonly p: number };
  readonly salt: Buffer | undefined;
  readonly digest: Buffer | undefined;
}

/** scrypt as a PHC string (passlib, `passlib.hash.scrypt`, "Format & Algorithm"). */
export const SCRYPT: HashKind = {
  name: "scrypt",
  begins: /^\$scrypt\$/,
  parse: (stored) => {
    const [, log2, r, p, salt = "", digest = ""] = PHC_PARTS.exec(stored) ?? [];
    const cost = { N: 2 ** Number(log2), r: Number(r), p: Number(p) };
    return whole({ cost, salt: decodeBase64(salt), digest: decodeDigest(digest) });
  },
};

/** scrypt with the salt as it is (Django, `ScryptPasswordHasher`: work factor, salt, block size, parallelism, digest). */
export const DJANGO_SCRYPT: HashKind = {
  name: "scrypt",
  begins: /^scrypt\$/,
  parse: (stored) => {
    const [, workFactor, salt = "", r, p, digest = ""] = DJANGO_PARTS.exec(stored) ?? [];
    const cost = { N: Number(workFactor), r: Number(r), p: Number(p) };
    return whole({ cost, salt: Buffer.from(salt), digest: decodeDigest(digest) });
  },
};

function whole({ cost, salt, digest }: Parts): ParsedHash | undefined {
  const { N, r, p } = cost;
  const isScrypt = N > 1 && Number.isInteger(Math.log2(N)) && r >= 1 && p >= 1; // RFC 7914, section 2
  if (!isScrypt || !salt?.length || !digest) return undefined;
  return {
    isAffordable: N * r * p <= MOST_WORK,
    matches: async (password) => {
      const derived = await derive(password, salt, digest.length, cost);
      return isSameDigest(derived, digest) && !hasNul(password);
    },
  };
}

function derive(password: BinaryLike, salt: BinaryLike, length: number, cost: ScryptOptions): Promise<Buffer> {
  const options = { ...cost, maxmem: MEMORY_LIMIT_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
