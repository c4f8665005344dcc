import type { JSX } from "hono/jsx/jsx-runtime";

import { Icon } from "./icon.tsx";

export interface SearchBoxProps {
  /** The page of the list; it must answer with a `LiveRegion` of the id `list` in it. */
  readonly action: string;
  /** Such as "Search users". */
  readonly label: string;
  readonly value?: string | undefined;
  readonly name?: string | undefined;
  /** What else the list is filtered by, kept while searching. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

/** Filters the page's list as one types; without the script Enter does it. */
export function SearchBox({ action, label, value, name = "q", fields = {} }: SearchBoxProps): JSX.Element {
  return (
    <form
      class="search-box"
      role="search"
      action={action}
      hx-get={action}
      hx-trigger="input delay:180ms, submit"
      hx-target="#list"
      hx-select="#list"
      hx-swap="outerHTML"
      hx-replace-url="true"
      hx-sync="this:replace"
    >
      {Object.entries(fields).map(([field, content]) => (
        <input type="hidden" name={field} value={content} />
      ))}
      <Icon name="search" />
      <input
        class="input search-input"
        type="search"
        name={name}
        value={value}
        placeholder={label}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
      />
    </form>
  );
}
