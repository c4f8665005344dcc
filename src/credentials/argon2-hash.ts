import { verify } from "@node-rs/argon2";

import { decodeBase64, decodeDigest, type HashKind } from "./hash-kind.ts";

const LARGEST_MEMORY_KIB = 128 * 1024;
/** Memory times passes: a third of a second of one core. */
const MOST_WRITTEN_KIB = 1024 * 1024;
const MOST_LANES = 16;
/** `ARGON2_MIN_SALT_LENGTH` of the reference implementation. */
const SHORTEST_SALT_BYTES = 8;
/** RFC 9106, section 3.1: at least so much memory for each lane. */
const KIB_PER_LANE = 8;

const PARTS =
  /^(?:argon2)?(\$argon2(?:i|d|id)\$(?:v=(?:16|19)\$)?m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([\w+/]+)\$([\w+/]+))$/;

/**
 * argon2i, argon2d and argon2id as a PHC string, which the oldest write without their version (reference implementation of
 * Argon2, `encoding.c`), and with `argon2` in front of it (Django, "Password management in Django", "Using Argon2 with Django").
 */
export const ARGON2: HashKind = {
  name: "argon2",
  begins: /^(?:argon2)?\$argon2(?:i|d|id)\$/,
  parse: (stored) => {
    const [, phc = "", memory, passes, lanes, salt = "", digest = ""] = PARTS.exec(stored) ?? [];
    const [memoryKib, timeCost, parallelism] = [Number(memory), Number(passes), Number(lanes)];
    const hasSalt = (decodeBase64(salt)?.length ?? 0) >= SHORTEST_SALT_BYTES;
    const hasWork = timeCost >= 1 && parallelism >= 1 && memoryKib >= KIB_PER_LANE * parallelism;
    if (!hasSalt || !decodeDigest(digest) || !hasWork) return undefined;
    return {
      isAffordable:
        memoryKib <= LARGEST_MEMORY_KIB && memoryKib * timeCost <= MOST_WRITTEN_KIB && parallelism <= MOST_LANES,
      matches: (password) => verify(phc, password),
    };
  },
};
