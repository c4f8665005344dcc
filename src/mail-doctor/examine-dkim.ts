import type { Dns } from "#platform/dns.ts";
import { type DkimKey, dkimRecordName, keyBits, publishedKey } from "#platform/mail/dkim-key.ts";
import type { Verdict } from "./finding.ts";
import { readTags } from "./tag-list.ts";

/** RFC 8301, section 3.2. */
const GOOD_KEY_BITS = 2048;

/** A string in a TXT record has at most 255 bytes, and a key is longer (RFC 6376, section 3.6.2.2). */
const IN_PIECES = "Where only 255 characters are taken at once, split its value into two strings in quotes.";

/** @returns whether receivers find the public half of the key that signs (RFC 6376, section 3.6). */
export async function examineDkim(dns: Dns, key: DkimKey | undefined): Promise<Verdict> {
  if (!key)
    return {
      result: "warning",
      found: "This program signs no mails. That is right only where the mail server signs them.",
      change: "Set DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY_FILE, or have the mail server sign.",
    };
  const name = dkimRecordName(key);
  const record = { name, type: "TXT", value: `v=DKIM1; k=rsa; p=${publishedKey(key)}` } as const;
  const answer = await dns.findTexts(name);
  if (answer.outcome === "no_answer")
    return { result: "skipped", found: `DNS does not answer for ${name} (${answer.why}).` };
  if (answer.outcome !== "found")
    return {
      result: "fault",
      found: `Mails are signed, and ${name} does not publish the key, so no signature is ever right.`,
      change: `Publish this record. ${IN_PIECES}`,
      record,
    };
  const fault =
    answer.entries.length > 1 ? `there are ${answer.entries.length} records` : faultOf(answer.entries[0], key);
  if (fault !== undefined)
    return {
      result: "fault",
      found: `${name} does not fit the key that signs: ${fault}. No signature is ever right.`,
      change: `Put this record in its place. ${IN_PIECES}`,
      record,
    };
  return judgeMatch(name, answer.entries[0], key);
}

/** @returns why receivers would find no signature right with this record, or undefined. */
function faultOf(record: string, key: DkimKey): string | undefined {
  const tags = readTags(record);
  const listed = (tag: string, wanted: readonly string[]): boolean =>
    tags
      .get(tag)
      ?.split(":")
      .some((each) => wanted.includes(each.trim().toLowerCase())) ?? true;
  if ((tags.get("v") ?? "DKIM1") !== "DKIM1") return "it is no DKIM record";
  if (tags.get("p") === undefined) return "it holds no key";
  if (tags.get("p") === "") return "it says that the key was withdrawn";
  if (!listed("k", ["rsa"])) return "it is for another kind of key than RSA";
  if (!listed("h", ["sha256"])) return "it allows no sha256";
  if (!listed("s", ["*", "email"])) return "it is not for mails";
  return tags.get("p")?.replace(/\s/g, "") === publishedKey(key) ? undefined : "it holds another key";
}

function judgeMatch(name: string, record: string, { privateKey }: DkimKey): Verdict {
  const bits = keyBits(privateKey);
  if (bits < GOOD_KEY_BITS)
    return {
      result: "warning",
      found: `${name} publishes the key that signs, and it has only ${bits} bits.`,
      change:
        "Make one of 2048 bits under another selector, publish that, then change DKIM_SELECTOR and DKIM_KEY_FILE.",
    };
  if (readTags(record).get("t")?.split(":").includes("y"))
    return {
      result: "warning",
      found: `${name} publishes the key that signs and says that it is only a test, so signatures may be ignored.`,
      change: "Take t=y out of the record.",
    };
  return { result: "ok", found: `${name} publishes the key that signs, of ${bits} bits.` };
}
