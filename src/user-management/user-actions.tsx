import type { JSX } from "hono/jsx/jsx-runtime";

import { MenuForm } from "#ui/menu.tsx";
import type { User } from "#users/user.ts";
import type { Actions } from "./actions.ts";

interface UserActionsProps {
  readonly user: User;
  readonly actions: Actions;
  readonly place: "menu" | "list";
  /** The page to come back to without script. */
  readonly returnTo: string;
}

/** What can be done to a user, in the order of the help centre, for the More menu and the information panel alike. */
export function UserActions({ user, actions, place, returnTo }: UserActionsProps): JSX.Element {
  return (
    <MenuForm
      id={`${place}-send-reset-link`}
      place={place}
      icon="send"
      label="Send Reset Link"
      description={`To ${user.email}`}
      action={`/settings/users/${user.id}/reset-links`}
      fields={{ return_to: returnTo }}
      disabledReason={actions.send_reset_link.reason ?? undefined}
    />
  );
}
