import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

import { type HashKind, isSameDigest } from "./hash-kind.ts";

/** Of the portable hashes and of the number of rounds, least significant bits first (phpass, `PasswordHash.php`, `encode64`). */
const DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Two to the power of this many rounds; phpass makes 2^13 unless it is told otherwise, 2^15 are a twentieth of a second. */
const FEWEST_ROUNDS_LOG2 = 7;
const MOST_ROUNDS_LOG2 = 15;
/** Each round reads the whole password; phpass, too, takes none that is longer (`PasswordHash.php`, `CheckPassword`). */
const LONGEST_PASSWORD_BYTES = 4_096;
/** MD5 has no thread of its own here: others get their turn meanwhile. */
const ROUNDS_PER_TURN = 1_024;

const PARTS = /^\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/;

/** phpass portable hashes: WordPress before 6.8 and many others write `$P$`, phpBB 3 `$H$` (phpass, `PasswordHash.php`, `crypt_private`). */
export const PHPASS: HashKind = {
  name: "phpass",
  begins: /^\$[PH]\$/,
  parse: (stored) => {
    const [, rounds = "", salt = "", digest = ""] = PARTS.exec(stored) ?? [];
    const roundsLog2 = rounds ? DIGITS.indexOf(rounds) : 0;
    if (roundsLog2 < FEWEST_ROUNDS_LOG2) return undefined;
    return {
      isAffordable: roundsLog2 <= MOST_ROUNDS_LOG2,
      matches: async (password) => {
        if (password.length > LONGEST_PASSWORD_BYTES) return false;
        const computed = await stretch(password, Buffer.from(salt), 2 ** roundsLog2);
        return isSameDigest(Buffer.from(encode(computed)), Buffer.from(digest));
      },
    };
  },
};

async function stretch(password: Buffer, salt: Buffer, rounds: number): Promise<Buffer> {
  const md5 = (state: Buffer): Buffer => createHash("md5").update(state).update(password).digest();
  let state = md5(salt);
  for (let done = 0; done < rounds; done += 1) {
    if (done % ROUNDS_PER_TURN === 0) await nextTurn();
    state = md5(state);
  }
  return state;
}

function encode(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3);
    const value = group.readUIntLE(0, group.length);
    for (let digit = 0; digit <= group.length; digit += 1) text += DIGITS.charAt((value >> (6 * digit)) & 63);
  }
  return text;
}
