import type { JSX } from "hono/jsx/jsx-runtime";

import { MenuForm, MenuLink } from "#ui/menu.tsx";
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
  const address = `/settings/users/${user.id}`;
  return (
    <>
      <MenuForm
        id={`${place}-send-reset-link`}
        place={place}
        icon="send"
        label="Send Reset Link"
        description={`To ${user.email}`}
        action={`${address}/reset-links`}
        fields={{ return_to: returnTo }}
        disabledReason={actions.send_reset_link.reason ?? undefined}
      />
      <MenuLink
        id={`${place}-change-password`}
        place={place}
        icon="key-round"
        label="Change Password"
        description="A temporary one, to hand over yourself"
        href={`${address}/change-password`}
        opensDialog
        disabledReason={actions.change_password.reason ?? undefined}
      />
      <MenuLink
        id={`${place}-require-new-password`}
        place={place}
        icon="shield-alert"
        label="Require New Password"
        description="Ends all sessions and refuses the old one"
        href={`${address}/require-new-password`}
        opensDialog
        disabledReason={actions.require_new_password.reason ?? undefined}
      />
    </>
  );
}
