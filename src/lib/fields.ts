import type { FieldFault } from "./errors.ts";
import { hasControlCharacter } from "./text.ts";

/** @returns why this cannot be kept as one line of text of at most so many characters, or undefined. */
export function findLineFault(field: string, text: string, longest: number): FieldFault | undefined {
  if (hasControlCharacter(text) || !text.isWellFormed()) {
    const detail = "It has a line break or something else in it that is not text. Write it on one line.";
    return { field, code: "malformed", detail };
  }
  return findLengthFault(field, text, longest);
}

/** @returns why this cannot be kept as a few lines of text, or undefined. */
export function findTextFault(field: string, text: string, longest: number): FieldFault | undefined {
  if (/[^\P{Cc}\r\n\t]/u.test(text) || !text.isWellFormed())
    return { field, code: "malformed", detail: "It has something in it that is not text. Write it again." };
  return findLengthFault(field, text, longest);
}

function findLengthFault(field: string, text: string, longest: number): FieldFault | undefined {
  if ([...text].length <= longest) return undefined;
  return { field, code: "too_long", detail: `It may have at most ${longest} characters.` };
}
