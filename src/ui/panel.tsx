import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

/** Stands empty and hidden in every `Page`; content that is swapped into it slides it in. */
export function PanelContainer(): JSX.Element {
  return (
    <>
      <div class="panel" id="panel" role="dialog" aria-labelledby="panel-title" tabindex={-1} hidden />
      <div class="panel-backdrop" data-layer-close />
    </>
  );
}

export interface PanelProps {
  readonly title: string;
  /** Left of the title, such as initials. */
  readonly lead?: Child;
  /** Under the title, such as an address and chips. */
  readonly note?: Child;
  readonly children: Child;
}

/** The content of the panel: what the server answers to a `PanelLink`, and nothing else. */
export function Panel({ title, lead, note, children }: PanelProps): JSX.Element {
  return (
    <>
      <header class="panel-head">
        {lead}
        <div class="panel-heading">
          <h2 class="panel-title" id="panel-title">
            {title}
          </h2>
          {note && <div class="panel-note">{note}</div>}
        </div>
        <button type="button" class="icon-button" data-layer-close aria-label="Close panel">
          <Icon name="x" size={20} />
        </button>
      </header>
      <div class="panel-body">{children}</div>
    </>
  );
}

export interface PanelLinkProps {
  /** Unique in the page, so that the focus can come back to it even after the list was replaced. */
  readonly id: string;
  /** Where it leads without the script, usually the profile. */
  readonly href: string;
  /** What answers with a `Panel`. */
  readonly source: string;
  /** Such as "Details of Maria Gonzalez". */
  readonly label: string;
}

/** The information icon beside a name: opens the panel, or leads to the profile when there is no script. */
export function PanelLink({ id, href, source, label }: PanelLinkProps): JSX.Element {
  return (
    <a class="icon-button panel-link" id={id} href={href} hx-get={source} hx-target="#panel" aria-label={label}>
      <Icon name="info" />
    </a>
  );
}
