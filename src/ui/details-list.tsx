import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

export interface Detail {
  readonly label: string;
  /** Nothing, or an empty text, shows as a dash that is read as "not set". */
  readonly value?: Child;
}

export interface DetailsListProps {
  readonly items: readonly Detail[];
  /** Keeps label and value in one narrow column, as in the panel. */
  readonly compact?: boolean | undefined;
}

/** Shows what is known about something as label and value. */
export function DetailsList({ items, compact = false }: DetailsListProps): JSX.Element {
  return (
    <dl class={compact ? "details details-compact" : "details"}>
      {items.map((item) => (
        <div class="details-item">
          <dt>{item.label}</dt>
          <dd>{isEmpty(item.value) ? <NotSet /> : item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function isEmpty(value: Child): boolean {
  return value === undefined || value === null || value === "" || value === false;
}

function NotSet(): JSX.Element {
  return (
    <span class="quiet">
      <span aria-hidden="true">–</span>
      <span class="visually-hidden">not set</span>
    </span>
  );
}
