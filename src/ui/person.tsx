import type { JSX } from "hono/jsx/jsx-runtime";

import { Address } from "./address.tsx";
import { Initials } from "./initials.tsx";

export interface PersonLinkProps {
  readonly name: string;
  /** The profile. */
  readonly href: string;
  /** Beneath the name, usually the address. */
  readonly note?: string | undefined;
}

/** Names a person in a list: initials, the name as a link, and a second line. */
export function PersonLink({ name, href, note }: PersonLinkProps): JSX.Element {
  return (
    <span class="person">
      <Initials name={name} />
      <span class="person-words">
        <a class="person-name" href={href}>
          {name}
        </a>
        {note && (
          <span class="person-note">
            <Address address={note} />
          </span>
        )}
      </span>
    </span>
  );
}
