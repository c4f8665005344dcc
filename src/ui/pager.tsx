import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

export interface PagerProps {
  /** Where the lists lead; left out at either end. */
  readonly previous?: string | undefined;
  readonly next?: string | undefined;
  /** Such as "1 to 50 of 1,204". */
  readonly summary: string;
}

/** Leads through a long list; shows nothing but its summary when all of it is on the page. */
export function Pager({ previous, next, summary }: PagerProps): JSX.Element {
  return (
    <nav class="pager" aria-label="Pages">
      <p class="pager-summary">{summary}</p>
      {previous && (
        <a class="button button-plain" href={previous} rel="prev">
          <Icon name="chevron-left" />
          Previous
        </a>
      )}
      {next && (
        <a class="button button-plain" href={next} rel="next">
          Next
          <Icon name="chevron-right" />
        </a>
      )}
    </nav>
  );
}
