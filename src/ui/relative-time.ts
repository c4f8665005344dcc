const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Beyond this a date says more than a count of weeks. */
const RELATIVE_UP_TO_MS = 28 * DAY_MS;

/** Says how long ago a moment was: "just now", "4 min ago", "3 days ago"; from four weeks on, the date. */
export function relativeWords(at: Date, now: Date): string {
  const sinceMs = now.getTime() - at.getTime(); // Less than nothing where two clocks do not quite agree.
  if (sinceMs < 45_000) return "just now";
  return sinceMs < RELATIVE_UP_TO_MS ? `${countWords(sinceMs)} ago` : dateWords(at);
}

/** Says the exact moment in a time zone: "21 Nov 2026, 14:20 UTC"; in another language the way it is said there. */
export function exactWords(at: Date, timeZone = "UTC", language = "en"): string {
  return formatOf(timeZone, language).format(at).replace("Sept", "Sep");
}

/** A format takes a hundred times longer to make than to use. There are as many as zones that people chose. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string, language: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`;
  const known = FORMATS.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    timeZoneName: "short",
  });
  FORMATS.set(key, format);
  return format;
}

/** Says how long something lasts, in whole hours where it can: "72 hours", "90 minutes". */
export function lastingWords(lengthMs: number): string {
  const [count, unit] =
    lengthMs % HOUR_MS === 0 ? [lengthMs / HOUR_MS, "hour"] : [Math.round(lengthMs / MINUTE_MS), "minute"];
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

function countWords(sinceMs: number): string {
  if (sinceMs < 59.5 * MINUTE_MS) return `${Math.max(1, Math.round(sinceMs / MINUTE_MS))} min`;
  if (sinceMs < 23.5 * HOUR_MS) return `${Math.round(sinceMs / HOUR_MS)} h`;
  const days = Math.round(sinceMs / DAY_MS);
  return days === 1 ? "1 day" : `${days} days`;
}

function dateWords(at: Date): string {
  return at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}
