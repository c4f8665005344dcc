/** @returns how often to do what a requirement gives a number for: `full` in `npm run test:faults`, `quick` in `npm test`. */
export function times(of: { quick: number; full: number }): number {
  return process.env.REKEY_TEST_NUMBERS === "full" ? of.full : of.quick;
}
