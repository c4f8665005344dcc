import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

export interface SectionProps {
  readonly title: string;
  /** A quiet link or button at the right of the title. */
  readonly action?: Child;
  /** No padding inside, for a table or a list that brings its own. */
  readonly flush?: boolean | undefined;
  readonly children: Child;
}

/** Sets off one titled block of a page, such as "Access & Recovery". */
export function Section({ title, action, flush = false, children }: SectionProps): JSX.Element {
  return (
    <section class={flush ? "section section-flush" : "section"}>
      <header class="section-head">
        <h2 class="section-title">{title}</h2>
        {action}
      </header>
      <div class="section-body">{children}</div>
    </section>
  );
}
