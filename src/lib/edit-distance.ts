/**
 * @returns how many slips of a finger lie between two texts: a letter too many, too few, another one, or two in the wrong order
 *   (Damerau and Levenshtein, in the form of the optimal string alignment).
 */
export function editDistance(one: string, other: string): number {
  const [letters, opposites] = [Array.from(one), Array.from(other)];
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = [0, ...opposites.map((_, index) => index + 1)];
  for (const [i, letter] of letters.entries()) {
    const row = [i + 1];
    for (const [j, opposite] of opposites.entries()) {
      const isSwapped = letter === opposites[j - 1] && letters[i - 1] === opposite;
      const ways = [
        at(row, j) + 1,
        at(last, j + 1) + 1,
        at(last, j) + (letter === opposite ? 0 : 1),
        ...(isSwapped ? [at(beforeLast, j - 1) + 1] : []),
      ];
      row.push(Math.min(...ways));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, opposites.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
