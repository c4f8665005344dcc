import type { JSX } from "hono/jsx/jsx-runtime";

import type { IconName } from "#ui/icon.tsx";
import { MenuForm, MenuLink } from "#ui/menu.tsx";
import type { AddressDoubt } from "#users/address-doubt.ts";
import type { User } from "#users/user.ts";
import type { Actions } from "./actions.ts";

interface UserActionsProps {
  readonly user: User;
  readonly actions: Actions;
  /** Whether the instance wants a verification record for a link, which one click cannot give. */
  readonly asksBeforeSending: boolean;
  readonly addressDoubt: AddressDoubt | undefined;
  readonly place: "menu" | "list";
  /** The page to come back to without script. */
  readonly returnTo: string;
}

/** What asks something before it acts, each at an address of its own under the user's. */
interface Asking {
  readonly action: keyof Actions;
  readonly path: string;
  readonly icon: IconName;
  readonly label: string;
  readonly description?: string;
  readonly danger?: boolean;
  /** Off for what needs a whole page. */
  readonly opensDialog?: boolean;
}

const SEND: Asking = { action: "send_reset_link", path: "send-reset-link", icon: "send", label: "Send Reset Link" };
const PASSWORDS: readonly Asking[] = [
  {
    action: "change_password",
    path: "change-password",
    icon: "key-round",
    label: "Change Password",
    description: "A temporary one, to hand over yourself",
  },
  {
    action: "require_new_password",
    path: "require-new-password",
    icon: "shield-alert",
    label: "Require New Password",
    description: "Ends all sessions and refuses the old one",
  },
  { action: "end_sessions", path: "sign-out-everywhere", icon: "log-out", label: "Sign out everywhere" },
];
const DEACTIVATE: Asking = {
  action: "deactivate",
  path: "deactivate",
  icon: "user-x",
  label: "Deactivate",
  danger: true,
};
const REACTIVATE: Asking = { action: "reactivate", path: "reactivate", icon: "user-check", label: "Reactivate" };
const EDIT: Asking = { action: "edit", path: "edit", icon: "pencil", label: "Edit", opensDialog: false };

/** What can be done to a user, in the order of the help centre, for the More menu and the information panel alike. */
export function UserActions(props: UserActionsProps): JSX.Element {
  const { user, actions, asksBeforeSending, addressDoubt, place, returnTo } = props;
  const address = `/settings/users/${user.id}`;
  const send = { ...SEND, description: describeRecipient(user, addressDoubt) };
  const asking = [...PASSWORDS, user.status === "active" ? DEACTIVATE : REACTIVATE, EDIT];
  return (
    <>
      {!asksBeforeSending && (
        <MenuForm
          {...send}
          id={`${place}-send-reset-link`}
          place={place}
          action={`${address}/reset-links`}
          fields={{ return_to: returnTo }}
          disabledReason={actions.send_reset_link.reason ?? undefined}
        />
      )}
      {[...(asksBeforeSending ? [send] : []), ...asking].map(({ action, path, opensDialog = true, ...item }) => (
        <MenuLink
          {...item}
          id={`${place}-${path}`}
          place={place}
          href={`${address}/${path}`}
          opensDialog={opensDialog}
          disabledReason={actions[action].reason ?? undefined}
        />
      ))}
    </>
  );
}

/** Asked before the click: a mail to an address that nobody has costs whoever waits for it a day. */
function describeRecipient({ email }: User, doubt: AddressDoubt | undefined): string {
  if (!doubt?.suggestion) return `To ${email}`;
  return `To ${email}. Is this address right? Did you mean ${doubt.suggestion}?`;
}
