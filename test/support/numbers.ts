/** @returns how often to do what assurance.md gives a number for: `full` in `npm run test:faults`, `quick` in `npm test`. */
export function times(of: { quick: number; full: number }): number {
  return process.env.REKEY_TEST_NUMBERS === "full" ? of.full : of.quick;
}
