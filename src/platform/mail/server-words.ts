/** Enough for what is kept when links have been taken out, and little enough for that to be quick, whatever a server sends. */
const READ = 2_000;
const KEPT = 500;

/** An address, or a word with a token in it, as in a link without its host; with what follows where a line was broken in it. */
const LINK = /(?:https?:\/\/\S+|(?<!\S)\S*(?:\/[\w.~-]{40,}|[\w-]{64,})\S*)(?:(?<==) \S+| [\w-]{20,}\S*)*/gi;

/**
 * A server that refuses a mail for a link in it repeats the link, and so does a report about the mail; it must stand in no log
 * and no table.
 * @returns what another mail server said, as one line without control characters and links.
 */
export function wordsOfServer(text: string): string {
  return text
    .slice(0, READ)
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .replaceAll(LINK, "[a link]")
    .slice(0, KEPT);
}
