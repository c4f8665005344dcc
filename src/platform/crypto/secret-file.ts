import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import path from "node:path";

import { OperatorError } from "#lib/operator-error.ts";

/** The fewest bytes a secret may have: as many as the MAC that it makes (RFC 2104, section 3). */
export const SECRET_BYTES = 32;

/**
 * @param databaseDir of the embedded database; where one lies already, the secret that belongs to it is not made anew.
 * @returns the secret of the data directory, made at the first start and readable by the owner only.
 * @throws OperatorError where it is missing beside a database, or is no secret
 */
export function secretOfDirectory(dataDir: string, databaseDir: string): Buffer {
  const file = path.join(dataDir, "secret");
  if (!existsSync(file)) {
    if (existsSync(databaseDir)) throw new OperatorError(`${file} is missing. ${PUT_BACK}`);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeWhole(file, randomBytes(SECRET_BYTES).toString("base64"));
  }
  const secret = Buffer.from(readFileSync(file, "utf8"), "base64");
  if (secret.length < SECRET_BYTES) throw new OperatorError(`${file} holds no secret. ${PUT_BACK}`);
  return secret;
}

const PUT_BACK =
  "Put back the one from your backup: without it no link that was sent works, and the record cannot be verified.";

/** The file is there with all that it holds, or not at all, whenever the disk is full or the power fails. */
function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}`;
  try {
    const open = openSync(unfinished, "w", 0o600);
    try {
      writeSync(open, text);
      fsyncSync(open);
    } finally {
      closeSync(open);
    }
    linkSync(unfinished, file); // Unlike a rename, it replaces no file that is there.
  } finally {
    rmSync(unfinished, { force: true });
  }
}
