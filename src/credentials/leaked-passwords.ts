import { createHash } from "node:crypto";

import { compose } from "#lib/text.ts";
import type { PasswordList } from "#platform/password-list.ts";

/**
 * @returns whether the password was seen in a leak: as it was typed, as it is compared here, or in lower case. Nothing leaves
 *   the machine (NIST SP 800-63B-4, section 3.1.1.2: compare against a blocklist of breach corpuses).
 */
export async function isLeaked(list: PasswordList, password: string): Promise<boolean> {
  const canonical = compose(password);
  for (const spelling of new Set([canonical, password, canonical.toLowerCase()])) {
    if (await list.has(createHash("sha1").update(spelling, "utf8").digest("hex").toUpperCase())) return true;
  }
  return false;
}
