import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

export interface NewsProps {
  /** The id of what it tells of. */
  readonly of: string;
  /** Whom or what it is about, such as a person's name. */
  readonly about: string;
  readonly children: Child;
}

/**
 * Stands in a live region around what changes by itself, such as the chip of a state. Screen readers hear the change: "Maria
 * Gonzalez: Link opened". How long ago it was, and for how long yet, is passed over.
 */
export function News({ of, about, children }: NewsProps): JSX.Element {
  return (
    <span class="news" data-news={of} data-about={about}>
      {children}
    </span>
  );
}
