import type { JSX } from "hono/jsx/jsx-runtime";

const COLOURS = 8;

/** Shows the initials of a name on a disc whose colour stays the same for that name. Decorative: the name stands beside it. */
export function Initials({ name, large = false }: { readonly name: string; readonly large?: boolean }): JSX.Element {
  const size = large ? " initials-large" : "";
  // Letters from the style sheet: copied text, page search and screen readers then meet the name alone.
  return (
    <span class={`initials initials-${colourOf(name)}${size}`} data-initials={initialsOf(name)} aria-hidden="true" />
  );
}

/** Takes the first letters of the first and the last word: "Maria de la Cruz" is "MC", "Cher" is "C". */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = firstLetter(words.at(0));
  return words.length > 1 ? first + firstLetter(words.at(-1)) : first;
}

function firstLetter(word = ""): string {
  const [letter = ""] = word.replace(/^[^\p{L}\p{N}]+/u, "");
  return letter.toLocaleUpperCase("en");
}

function colourOf(name: string): number {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % COLOURS;
}
