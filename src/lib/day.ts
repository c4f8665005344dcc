import { DAY_MS } from "./clock.ts";

/**
 * @param day as forms send it: `2026-11-22`.
 * @param timeZone an IANA name.
 * @returns when the day begins there; an invalid date for what is no day.
 */
export function startOfDay(day: string, timeZone: string): Date {
  const midnight = parseDay(day);
  if (Number.isNaN(midnight)) return new Date(Number.NaN);
  // What the clocks say at midnight may be known only by what they say some hours from there.
  const near = midnight - offsetMs(midnight, timeZone);
  const at = midnight - offsetMs(near, timeZone);
  // Where the clocks go forward at midnight there is none, and the day begins at what would have been it.
  const isBefore = at + offsetMs(at, timeZone) < midnight;
  return new Date(isBefore ? midnight - offsetMs(at, timeZone) : at);
}

/** @returns when the next day begins there, so that the whole of this one lies before. */
export function endOfDay(day: string, timeZone: string): Date {
  const next = new Date(parseDay(day) + DAY_MS);
  return Number.isNaN(next.getTime()) ? next : startOfDay(next.toISOString().slice(0, 10), timeZone);
}

/** @returns the midnight of UTC with which the day begins; NaN for what is none, as the 31st of February. */
function parseDay(day: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) === day ? midnight : Number.NaN;
}

/** @returns how far the clocks there are ahead of UTC at a moment. */
function offsetMs(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const [year, month, date, hour, minute, second] = (["year", "month", "day", "hour", "minute", "second"] as const).map(
    (type) => Number(parts.find((part) => part.type === type)?.value),
  );
  return Date.UTC(year ?? 0, (month ?? 1) - 1, date, hour, minute, second) - at;
}
