import type { JSX } from "hono/jsx/jsx-runtime";

import { Initials } from "./initials.tsx";

export interface PersonLinkProps {
  readonly name: string;
  /** The profile. */
  readonly href: string;
  /** Beneath the name, usually the address; never cut off, since its spelling is what an administrator checks. */
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
        {note && <span class="person-note">{breakable(note)}</span>}
      </span>
    </span>
  );
}

/** Lets a long address break before its @ rather than in the middle of a word. */
function breakable(address: string): JSX.Element {
  const at = address.lastIndexOf("@");
  if (at < 0) return <>{address}</>;
  return (
    <>
      {address.slice(0, at)}
      <wbr />
      {address.slice(at)}
    </>
  );
}
