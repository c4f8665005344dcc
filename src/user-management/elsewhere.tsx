import type { JSX } from "hono/jsx/jsx-runtime";

import type { UserElsewhere } from "#other-instances/find-user-elsewhere.ts";
import { ButtonLink } from "#ui/button.tsx";

/** Where else the person has an account, for who works there too: a click goes there. */
export function Elsewhere({ users }: { readonly users: readonly UserElsewhere[] }): JSX.Element {
  return (
    <ul class="plain-list elsewhere">
      {users.map(({ instance, user }) => (
        <li class="elsewhere-account">
          <p>
            {user.name} has an account at <strong>{instance.name}</strong>, where you work too.
          </p>
          <ButtonLink href={`${instance.origin}/settings/users?q=${encodeURIComponent(user.email)}`}>
            Go to {instance.name}
          </ButtonLink>
        </li>
      ))}
    </ul>
  );
}
