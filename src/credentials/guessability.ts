import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/** What is longer takes too long to be looked at while somebody types, and is hardly ever guessed. */
const LONGEST_LOOKED_AT = 40;
/** How often a character may stand for another (`p4ssw0rd`): with more, an awkward password keeps a core busy. */
const MOST_SUBSTITUTIONS = 10;
/** Of 0 to 4: more than 10^10 guesses. */
const HARD_TO_GUESS = 4;

let estimator: Promise<ZxcvbnFactory> | undefined;

/**
 * @param names what a guesser would try first for this person.
 * @returns whether an estimate (zxcvbn) says that a program would guess it without much effort. It is for advice alone: an
 *   estimate errs, so it refuses nothing.
 */
export async function isEasilyGuessed(password: string, names: readonly string[]): Promise<boolean> {
  if ([...password].length > LONGEST_LOOKED_AT) return false;
  estimator ??= loadEstimator();
  return (await estimator).check(password, [...names]).score < HARD_TO_GUESS;
}

/** Loaded when somebody first chooses a password: its words take 50 MB, which the command line never needs. */
async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Estimator }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new Estimator({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: LONGEST_LOOKED_AT * 2, // In UTF-16 units.
    l33tMaxSubstitutions: MOST_SUBSTITUTIONS,
  });
}
