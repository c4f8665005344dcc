/** Where every time in the product comes from; a test may put its own in its place. */
export interface Clock {
  now(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** @returns the moment `ms` milliseconds after `at`; a negative number gives one before it. */
export function after(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

/** @returns whichever moment comes first. */
export function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
