/** Characters nobody sees at the edge of what they typed: white space and the zero-width characters that pasting brings along. */
const UNSEEN = /[\p{White_Space}\u180E\u200B-\u200F\u2060-\u2064\uFEFF\u00AD]/u;

/** @returns the unseen characters before and after the text, both the whole of it where nothing can be seen. */
export function unseenEdges(text: string): { start: string; end: string } {
  const [start, end] = seenPart(text);
  return start === text.length ? { start: text, end: text } : { start: text.slice(0, start), end: text.slice(end) };
}

/** Walks in from both ends: a pattern that is bound to the end would be tried from every place, in the square of the length. */
function seenPart(text: string): [start: number, end: number] {
  let start = 0;
  while (start < text.length && UNSEEN.test(text.charAt(start))) start += 1;
  let end = text.length;
  while (end > start && UNSEEN.test(text.charAt(end - 1))) end -= 1;
  return [start, end];
}

/** Characters without any width, wherever they stand; the joiners that emoji are made of are left out. */
const WIDTHLESS = /[\u180E\u200B\u200E\u200F\u2060-\u2064\uFEFF\u00AD]/gu;

/** @returns what a person cannot see in the text, in words with a mark for each edge, or undefined: `a space at the end (shown as …␣)`. */
export function describeUnseen(text: string): string | undefined {
  const { start, end } = unseenEdges(text);
  const marks = (edge: string): string => "␣".repeat([...edge].length);
  const places = [start && "at the beginning", end && "at the end"].filter(Boolean).join(" and ");
  if (places) return `a space ${places} (shown as ${marks(start)}…${marks(end)})`;
  const inside = text.match(WIDTHLESS)?.length ?? 0;
  return inside > 0 ? "a character inside that has no width" : undefined;
}

/** @returns the text without anything that `describeUnseen` finds. */
export function removeUnseen(text: string): string {
  return trimUnseen(text).replace(WIDTHLESS, "");
}

/** @returns the text without the unseen characters at its ends. */
export function trimUnseen(text: string): string {
  return text.slice(...seenPart(text));
}

/** More than any name, address or password has, however its letters are composed. */
const LONGEST_COMPOSED = 2_048;

/**
 * @returns the text in the one form that all texts have which a person would call the same (Unicode Standard Annex #15, NFKC).
 *   What is too long to be anything of ours stays as it is: to sort a thousand accents on one letter takes a thousand times a
 *   thousand steps.
 */
export function compose(text: string): string {
  return text.length > LONGEST_COMPOSED ? text : text.normalize("NFKC");
}

/** @returns the form in which names and addresses are compared: two texts that a person would call the same have the same fold. */
export function fold(text: string): string {
  return compose(trimUnseen(text)).toLowerCase();
}

/** @returns the fold without accents, by which people are sorted and searched: `Émile` is found by `emile`. */
export function foldAccents(text: string): string {
  const folded = fold(text);
  if (folded.length > LONGEST_COMPOSED) return folded;
  return folded
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .normalize("NFC");
}

/** @returns whether the text has a control character; none is ever part of a name, and PostgreSQL stores no NUL. */
export function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** Longer than any address (RFC 5321, section 4.5.3.1) or user name. */
const LONGEST_KEPT = 320;

/** @returns what a stranger typed, fit to be kept: PostgreSQL takes no NUL and no half of a character, and nobody needs a whole book. */
export function keepable(text: string): string {
  return text
    .slice(0, LONGEST_KEPT)
    .replace(/\p{Cc}/gu, "\uFFFD")
    .toWellFormed();
}

/** @returns the address with all but the edges of its local part hidden: `m••••a@oak.example`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  const local = Array.from(address.slice(0, at));
  const shown = local.length > 2 ? [local[0], local.at(-1)] : [local[0], ""];
  return `${shown[0] ?? ""}••••${shown[1] ?? ""}${address.slice(at)}`;
}
