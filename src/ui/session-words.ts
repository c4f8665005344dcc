const MINUTE_MS = 60_000;

/** A session that lasts longer needs no words. */
const SHORT_MS = 5 * MINUTE_MS;

/** @returns what is said of a session that ends then; undefined while it lasts. Shared with the script in the page. */
export function sessionWords(endsAt: Date, now: Date): string | undefined {
  const leftMs = endsAt.getTime() - now.getTime();
  if (leftMs > SHORT_MS) return undefined;
  if (leftMs <= 0) return "Your session has ended";
  return `Session ends in ${Math.ceil(leftMs / MINUTE_MS)} min`;
}
