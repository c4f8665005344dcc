import type { JSX } from "hono/jsx/jsx-runtime";

import { initialsOf } from "./initials.tsx";

/** Shows the instance's initials in its colour. Decorative: the name stands beside it, or is the name of its link. */
export function InstanceMark({ name }: { readonly name: string }): JSX.Element {
  return (
    <span class="instance-mark" aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
