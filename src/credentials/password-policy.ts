import { RekeyError } from "#lib/errors.ts";
import { compose, describeUnseen, foldAccents, trimUnseen } from "#lib/text.ts";
import type { Deps } from "#platform/deps.ts";
import { readCommonPasswords } from "./common-passwords.ts";
import { isLeaked } from "./leaked-passwords.ts";

/** Lengths in code points after NFKC (NIST SP 800-63B-4, section 3.1.1.2: at least 15 for a password alone). */
export const SHORTEST_PASSWORD = 15;
export const LONGEST_PASSWORD = 256;

/** A password needs this many letters of its own beside the names that anybody could guess. */
const LETTERS_OF_ITS_OWN = 8;
/** Words shorter than this are too often part of others to say anything. */
const SHORTEST_NAME = 3;
/** A password that only repeats a piece this short is as easily guessed as the piece. */
const LONGEST_REPEATED_PIECE = 8;

const PRODUCT_NAME = "rekey";

/** The names that a guesser would try first for this person. */
export interface PasswordContext {
  readonly user: { firstName: string; lastName: string; username: string; email: string };
  readonly instanceName: string;
  /** Who types it for somebody else reads of “the person”, not of “you”. */
  readonly isForSomebodyElse?: boolean;
}

/** What the policy asks beside its own rules. */
export type PolicyDeps = Pick<Deps, "passwordList">;

export interface PasswordFault {
  readonly code: "malformed" | "unseen_edge" | "too_short" | "too_long" | "common" | "from_names";
  /** What is wrong and what to do, for the person who chose it. Never holds the password. */
  readonly detail: string;
}

let commonPasswords: Promise<ReadonlySet<string>> | undefined;

/** Every path by which a person's password is chosen comes through here. @throws password_rejected with the fault, on `field`. */
export async function requireAcceptablePassword(
  deps: PolicyDeps,
  password: string,
  context: PasswordContext,
  field: string,
): Promise<void> {
  const fault = await findPasswordFault(deps, password, context);
  if (fault) throw new RekeyError("password_rejected", { detail: fault.detail, fields: [{ field, ...fault }] });
}

/** @returns the first thing wrong with the password, or undefined. There are no rules of composition: long is enough. */
export async function findPasswordFault(
  deps: PolicyDeps,
  password: string,
  context: PasswordContext,
): Promise<PasswordFault | undefined> {
  if (!password.isWellFormed())
    return { code: "malformed", detail: "It holds characters that are not valid text. Type it again." };
  const canonical = compose(password);
  return (
    findEdgeFault(canonical) ??
    findLengthFault(canonical) ??
    (await findGuessableFault(canonical, context)) ??
    (await findLeakFault(deps, password))
  );
}

/** Marks each unseen character, so that a person can see what their keyboard or their paste added. */
function findEdgeFault(password: string): PasswordFault | undefined {
  if (trimUnseen(password) === password) return undefined;
  return {
    code: "unseen_edge",
    detail: `It has ${describeUnseen(password)}, which is easily lost when it is copied. Remove it.`,
  };
}

function findLengthFault(password: string): PasswordFault | undefined {
  const length = [...password].length;
  if (length < SHORTEST_PASSWORD) {
    const missing = SHORTEST_PASSWORD - length;
    return {
      code: "too_short",
      detail: `It has ${length} characters; at least ${SHORTEST_PASSWORD} are needed, so ${missing} more. Four or five random words are easy to remember.`,
    };
  }
  if (length > LONGEST_PASSWORD) {
    return {
      code: "too_long",
      detail: `It has ${length} characters; at most ${LONGEST_PASSWORD} are taken. Make it shorter.`,
    };
  }
  return undefined;
}

async function findGuessableFault(password: string, context: PasswordContext): Promise<PasswordFault | undefined> {
  commonPasswords ??= readCommonPasswords(SHORTEST_PASSWORD);
  const lower = password.toLowerCase();
  if (repeatsItself(lower)) return common("It repeats the same few characters, which is guessed first.");
  if (isSequence(lower)) return common("Its characters follow one another as in 12345, which is guessed first.");
  if ((await commonPasswords).has(lower)) return common("It is on the list of passwords that are guessed first.");
  if (!isBuiltFromNames(lower, context)) return undefined;
  return {
    code: "from_names",
    detail: context.isForSomebodyElse
      ? "It is made of the person’s name, their address, or the name of this CRM, which is guessed first. Add words that have nothing to do with them."
      : "It is made of your name, your address, or the name of this CRM, which is guessed first. Add words of your own.",
  };
}

function common(why: string): PasswordFault {
  return { code: "common", detail: `${why} Choose another one, for instance four or five random words.` };
}

/** Last, since the list of the operator lies on a disk. */
async function findLeakFault({ passwordList }: PolicyDeps, password: string): Promise<PasswordFault | undefined> {
  if (!passwordList || !(await isLeaked(passwordList, password))) return undefined;
  return common("It has been seen in a leak of another site, so it is guessed first.");
}

function repeatsItself(password: string): boolean {
  const characters = [...password];
  for (let piece = 1; piece <= LONGEST_REPEATED_PIECE; piece += 1) {
    if (characters.every((character, at) => character === characters[at % piece])) return true;
  }
  return false;
}

/** `abcdefghijklmno`, `987654321098765`: every step up, or every step down, digits going round. */
function isSequence(password: string): boolean {
  const codes = [...password].map((character) => character.codePointAt(0) ?? 0);
  const stepsBy = (step: number): boolean =>
    codes.slice(1).every((code, at) => {
      const difference = code - (codes[at] ?? 0);
      return difference === step || difference === -9 * step;
    });
  return stepsBy(1) || stepsBy(-1);
}

/** What is left without the names, digits and signs must still be a few letters long, or the password is only a name dressed up. */
function isBuiltFromNames(password: string, context: PasswordContext): boolean {
  const folded = foldAccents(password);
  const names = namesOf(context);
  // Once more by its letters alone: dots and spaces between them hide no name.
  return [folded, lettersOf(folded)].some((text) => {
    const withoutNames = names.reduce((rest, name) => rest.replaceAll(name, " "), text);
    return withoutNames !== text && [...lettersOf(withoutNames)].length < LETTERS_OF_ITS_OWN;
  });
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}]/gu, "");
}

/** Longest first, so that `oakrecovery` goes before `oak`. */
function namesOf({ user, instanceName }: PasswordContext): readonly string[] {
  const whole = [
    user.firstName,
    user.lastName,
    `${user.firstName} ${user.lastName}`,
    `${user.lastName} ${user.firstName}`,
    user.username,
    user.email,
    ...user.email.split("@"),
    instanceName,
    PRODUCT_NAME,
  ].map(foldAccents);
  const parts = whole.flatMap((name) => name.split(/[^\p{L}\p{N}]+/u));
  const joined = whole.map((name) => name.replace(/[^\p{L}\p{N}]+/gu, ""));
  const names = new Set([...whole, ...parts, ...joined].filter((name) => [...name].length >= SHORTEST_NAME));
  return [...names].sort((a, b) => b.length - a.length);
}
