import { createHash } from "node:crypto";

import { verify } from "@node-rs/bcrypt";

import { type HashKind, hasNul } from "./hash-kind.ts";

/** Two to the power of this many rounds: half a second of one core. */
const LOWEST_COST = 4;
const HIGHEST_COST = 13;

/** The 18 words of Blowfish's key (crypt_blowfish, `BF_set_key`). */
const LONGEST_PASSWORD_BYTES = 72;

/** The last characters of salt and digest have bits to spare, which every implementation that counts leaves zero. */
const BCRYPT = String.raw`\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]`;
const PARTS = new RegExp(`^(?:bcrypt\\$)?(${BCRYPT})$`);
const DJANGO_SHA256_PARTS = new RegExp(`^bcrypt_sha256\\$(${BCRYPT})$`);

/**
 * bcrypt in modular crypt format (crypt_blowfish, crypt(3), prefixes 2a, 2b and 2y; what 2x marks is broken and not taken), and
 * with `bcrypt$` in front of it (Django, `BCryptPasswordHasher`).
 *
 * A password of more than 72 bytes is never right, as with pyca/bcrypt since 5.0.0: bcrypt reads no further, so that two
 * passwords which differ after byte 72 would both be right, and whichever is typed first, a slip of the finger included, would be
 * kept as *the* password from then on. Nor is one with a NUL: since bcrypt reads a short password over and over with a NUL
 * between (`BF_set_key`), `a NUL a` would be as right as `a`. Who really had such a password gets in by a reset link, once.
 */
export const BCRYPT_HASH: HashKind = {
  name: "bcrypt",
  begins: /^(?:bcrypt\$)?\$2[aby]\$/,
  parse: (stored) => {
    const [, hash = "", cost = ""] = PARTS.exec(stored) ?? [];
    if (Number(cost) < LOWEST_COST) return undefined;
    return {
      isAffordable: Number(cost) <= HIGHEST_COST,
      matches: async (password) => {
        const isRight = await verify(password, hash);
        return isRight && password.length <= LONGEST_PASSWORD_BYTES && !hasNul(password);
      },
    };
  },
};

/** bcrypt of the SHA-256 in hexadecimal, so that the whole password counts (Django, `BCryptSHA256PasswordHasher`). */
export const DJANGO_BCRYPT_SHA256: HashKind = {
  name: "bcrypt_sha256",
  begins: /^bcrypt_sha256\$/,
  parse: (stored) => {
    const [, hash = "", cost = ""] = DJANGO_SHA256_PARTS.exec(stored) ?? [];
    if (Number(cost) < LOWEST_COST) return undefined;
    return {
      isAffordable: Number(cost) <= HIGHEST_COST,
      matches: (password) => verify(createHash("sha256").update(password).digest("hex"), hash),
    };
  },
};
