import type { JSX } from "hono/jsx/jsx-runtime";

import type { IconName } from "#ui/icon.tsx";
import { MenuForm, type MenuFormProps, MenuLink } from "#ui/menu.tsx";
import type { AddressDoubt } from "#users/address-doubt.ts";
import type { User } from "#users/user.ts";
import { REQUEST_ACCESS_ADDRESS } from "./request-access-dialog.tsx";
import type { Access } from "./access.ts";
import { type ActedFrom, fieldsOf } from "./acted-from.tsx";
import type { Actions } from "./actions.ts";

interface UserActionsProps {
  readonly user: User;
  readonly actions: Actions;
  readonly access: Access;
  /** Whether the instance wants a verification record for a link, which one click cannot give. */
  readonly asksBeforeSending: boolean;
  readonly addressDoubt: AddressDoubt | undefined;
  /** Whether the instance lets links be copied at all. */
  readonly allowsCopiedLinks: boolean;
  /** Whether the acting person's role lacks anything, so that they may ask for it. */
  readonly isLimited: boolean;
  readonly place: "menu" | "list";
  /** The page on which it stands. */
  readonly from: ActedFrom;
}

/** What can be done to a user, at an address of its own under the user's. It asks something first, unless it acts at once. */
interface Entry {
  readonly action: keyof Actions;
  readonly path: string;
  readonly icon: IconName;
  readonly label: string;
  readonly description?: string;
  readonly danger?: boolean;
  /** Off for what needs a whole page. */
  readonly opensDialog?: boolean;
  /** What one click does. */
  readonly atOnce?: Pick<MenuFormProps, "action" | "fields" | "opensDialog"> | undefined;
}

const SEND: Entry = { action: "send_reset_link", path: "send-reset-link", icon: "send", label: "Send Reset Link" };
const CORRECT: Entry = {
  action: "correct_and_send",
  path: "correct-and-send",
  icon: "mail",
  label: "Correct address and send",
  description: "For a misspelt address, in one step",
};
const PASSWORDS: readonly Entry[] = [
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
];
const ENABLE_LOGIN: Entry = {
  action: "enable_login",
  path: "enable-login",
  icon: "user-check",
  label: "Enable Login",
  description: "Ends the lockout after failed sign-ins",
};
const THAW: Entry = {
  action: "thaw",
  path: "thaw",
  icon: "shield-check",
  label: "Thaw",
  description: "Lets links and passwords be made again",
};
const COPY: Entry = {
  action: "copy_reset_link",
  path: "copy-reset-link",
  icon: "copy",
  label: "Copy reset link",
  description: "For whom no mail reaches",
};
const END_SESSIONS: Entry = {
  action: "end_sessions",
  path: "sign-out-everywhere",
  icon: "log-out",
  label: "Sign out everywhere",
};
const DEACTIVATE: Entry = {
  action: "deactivate",
  path: "deactivate",
  icon: "user-x",
  label: "Deactivate",
  danger: true,
};
const REACTIVATE: Entry = { action: "reactivate", path: "reactivate", icon: "user-check", label: "Reactivate" };
const EDIT: Entry = { action: "edit", path: "edit", icon: "pencil", label: "Edit", opensDialog: false };

/** What can be done to a user, in the order of the help centre, for the More menu and the information panel alike. */
export function UserActions(props: UserActionsProps): JSX.Element {
  const { user, actions, place, isLimited, from } = props;
  const query = from.ticketId === undefined ? "" : `?${new URLSearchParams(fieldsOf(from))}`;
  const address = `/settings/users/${user.id}`;
  return (
    <>
      {entriesFor(props, address).map(({ action, path, opensDialog = true, atOnce, ...item }) => {
        const shared = {
          ...item,
          id: `${place}-${path}`,
          place,
          disabledReason: actions[action].reason ?? undefined,
        };
        if (atOnce) return <MenuForm {...shared} {...atOnce} />;
        return <MenuLink {...shared} href={`${address}/${path}${query}`} opensDialog={opensDialog} />;
      })}
      {isLimited && (
        <MenuLink
          id={`${place}-request-access`}
          place={place}
          icon="user-check"
          label="Request access"
          description="For what your role may not do"
          href={REQUEST_ACCESS_ADDRESS}
          opensDialog
        />
      )}
    </>
  );
}

function entriesFor(props: UserActionsProps, address: string): readonly Entry[] {
  const { user, access, asksBeforeSending, addressDoubt, allowsCopiedLinks, from } = props;
  const unlessAsking = (atOnce: Entry["atOnce"]): Pick<Entry, "atOnce"> => ({
    atOnce: asksBeforeSending ? undefined : atOnce,
  });
  const sending = unlessAsking({ action: `${address}/reset-links`, fields: fieldsOf(from) });
  const copying = unlessAsking({ action: `${address}/${COPY.path}`, opensDialog: true });
  const enabling = { action: `${address}/${ENABLE_LOGIN.path}` };
  return [
    { ...SEND, description: describeRecipient(user, addressDoubt), ...sending },
    CORRECT,
    ...PASSWORDS,
    ...(user.frozenAt ? [THAW] : []),
    ...(access.lockedUntil ? [{ ...ENABLE_LOGIN, atOnce: enabling }] : []),
    ...(allowsCopiedLinks ? [{ ...COPY, ...copying }] : []),
    END_SESSIONS,
    user.status === "active" ? DEACTIVATE : REACTIVATE,
    EDIT,
  ];
}

/** Asked before the click: a mail to an address that nobody has costs whoever waits for it a day. */
function describeRecipient({ email }: User, doubt: AddressDoubt | undefined): string {
  if (!doubt?.suggestion) return `To ${email}`;
  return `To ${email}. Is this address right? Did you mean ${doubt.suggestion}?`;
}
