import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The fewest bytes a secret may have: as many as the MAC that it makes (RFC 2104, section 3). */
export const SECRET_BYTES = 32;

/** @returns the secret of the data directory, made at the first start and readable by the owner only. */
export function secretOfDirectory(dataDir: string): Buffer {
  const file = path.join(dataDir, "secret");
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(SECRET_BYTES).toString("base64"), { mode: 0o600, flag: "wx" });
  }
  return Buffer.from(readFileSync(file, "utf8"), "base64");
}
