import type { JSX } from "hono/jsx/jsx-runtime";

import { exactWords, relativeWords } from "./relative-time.ts";

/** What a moment on a page needs: itself, the server's present, and the instance's time zone (UTC if left out). */
export interface RelativeTimeProps {
  readonly at: Date;
  readonly now: Date;
  readonly timeZone?: string | undefined;
}

/** Says how long ago a moment was, with the exact moment on hover; the script keeps the words fresh. */
export function RelativeTime({ at, now, timeZone }: RelativeTimeProps): JSX.Element {
  const exact = exactWords(at, timeZone);
  return (
    <time class="time" datetime={at.toISOString()} title={exact} data-relative>
      {relativeWords(at, now)}
    </time>
  );
}

/** Says a moment exactly, for timelines and evidence. */
export function ExactTime({
  at,
  timeZone,
}: {
  readonly at: Date;
  readonly timeZone?: string | undefined;
}): JSX.Element {
  return (
    <time class="time" datetime={at.toISOString()}>
      {exactWords(at, timeZone)}
    </time>
  );
}
