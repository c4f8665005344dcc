import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  /** Null where there is nothing to say: a dot in the table, left out of a card. */
  readonly cell: (row: Row) => Child;
  /** `lead` is a narrow column of icons whose heading only screen readers get; `title` is what names the row. */
  readonly place?: "lead" | "title" | undefined;
  readonly sort?: Sort | undefined;
  readonly align?: "end" | undefined;
  /** Lets long values take a second line instead of widening the column; on a card each has a line of its own, but for one `word`. */
  readonly wrap?: true | "word" | undefined;
}

export interface Sort {
  /** Sorts by this column, or turns the order round if it is sorted by already. */
  readonly href: string;
  readonly direction?: "ascending" | "descending" | undefined;
}

export interface TableProps<Row> {
  /** Names the table for screen readers, such as "Users of Oak Recovery". */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

const MANY_COLUMNS = 4;

/**
 * Lists things in rows of 48 px; where it has little width each row becomes a card.
 * Roles are stated because cards change the display of table elements, which makes some browsers forget them.
 */
export function Table<Row>({ caption, columns, rows }: TableProps<Row>): JSX.Element {
  return (
    <div class={columns.length > MANY_COLUMNS ? "table-frame table-frame-many" : "table-frame"}>
      <table class="table" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th class={cellClass(column)} role="columnheader" scope="col" aria-sort={column.sort?.direction}>
                <Heading {...column} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role="row">
              {columns.map((column) => (
                <Cell column={column} content={column.cell(row)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Shape = Pick<Column<never>, "label" | "place" | "align" | "wrap" | "sort">;

function Cell({ column, content }: { readonly column: Shape; readonly content: Child }): JSX.Element {
  if (content === null || content === undefined) {
    return (
      <td class="cell-nothing" role="cell">
        <span aria-hidden="true">·</span>
      </td>
    );
  }
  return (
    <td class={cellClass(column)} role="cell" data-label={column.label}>
      {content}
    </td>
  );
}

function Heading({ label, sort, place }: Shape): JSX.Element {
  if (place === "lead") return <span class="visually-hidden">{label}</span>;
  if (!sort) return <>{label}</>;
  return (
    <a class="table-sort" href={sort.href}>
      {label}
      <Icon name={sortIcon(sort)} />
    </a>
  );
}

function sortIcon({ direction }: Sort): "arrow-up" | "arrow-down" | "chevrons-up-down" {
  if (direction === "ascending") return "arrow-up";
  return direction === "descending" ? "arrow-down" : "chevrons-up-down";
}

function cellClass({ place, align, wrap }: Shape): string | undefined {
  return (
    [place && `cell-${place}`, align && `cell-${align}`, wrap && (wrap === "word" ? "cell-word" : "cell-wrap")]
      .filter(Boolean)
      .join(" ") || undefined
  );
}
