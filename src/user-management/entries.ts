import type { IconName } from "#ui/icon.tsx";
import type { MenuFormProps } from "#ui/menu.tsx";
import type { User } from "#users/user.ts";
import { type ActedFrom, fieldsOf } from "./acted-from.tsx";
import type { Actions } from "./actions.ts";

/** What can be done to a user, at an address of its own under the user's. */
interface Entry {
  readonly path: string;
  readonly icon: IconName;
  readonly label: string;
  readonly description?: string;
  readonly danger?: boolean;
  /** Off for what needs a whole page. */
  readonly opensDialog?: boolean;
}

/** Every action as menus and buttons show it. */
export const ENTRIES: Readonly<Record<keyof Actions, Entry>> = {
  send_reset_link: { path: "send-reset-link", icon: "send", label: "Send Reset Link" },
  correct_and_send: {
    path: "correct-and-send",
    icon: "mail",
    label: "Correct address and send",
    description: "For a misspelt address, in one step",
  },
  change_password: {
    path: "change-password",
    icon: "key-round",
    label: "Change Password",
    description: "A temporary one, to hand over yourself",
  },
  require_new_password: {
    path: "require-new-password",
    icon: "shield-alert",
    label: "Require New Password",
    description: "Ends all sessions and refuses the old one",
  },
  enable_login: {
    path: "enable-login",
    icon: "user-check",
    label: "Enable Login",
    description: "Ends the lockout after failed sign-ins",
  },
  thaw: {
    path: "thaw",
    icon: "shield-check",
    label: "Thaw",
    description: "Lets links and passwords be made again",
  },
  copy_reset_link: {
    path: "copy-reset-link",
    icon: "copy",
    label: "Copy reset link",
    description: "For whom no mail reaches",
  },
  end_sessions: { path: "sign-out-everywhere", icon: "log-out", label: "Sign out everywhere" },
  deactivate: { path: "deactivate", icon: "user-x", label: "Deactivate", danger: true },
  reactivate: { path: "reactivate", icon: "user-check", label: "Reactivate" },
  edit: { path: "edit", icon: "pencil", label: "Edit", opensDialog: false },
};

/** What one click does. */
type AtOnce = Pick<MenuFormProps, "action" | "fields" | "opensDialog">;

/** Whom something is done to, and where it is begun. */
export interface ActingOn {
  readonly user: User;
  /** Whether the instance wants a verification record for a link, which one click cannot give. */
  readonly asksBeforeSending: boolean;
  /** The page on which it stands. */
  readonly from: ActedFrom;
}

/** @returns what one click on the action does; undefined where it has to ask something first. */
export function atOnce(action: keyof Actions, { user, asksBeforeSending, from }: ActingOn): AtOnce | undefined {
  const address = `/settings/users/${user.id}`;
  if (action === "enable_login") return { action: `${address}/enable-login` };
  if (asksBeforeSending) return undefined;
  if (action === "send_reset_link") return { action: `${address}/reset-links`, fields: fieldsOf(from) };
  if (action === "copy_reset_link")
    return { action: `${address}/copy-reset-link`, fields: fieldsOf(from), opensDialog: true };
  return undefined;
}

/** @returns the page on which the action asks what it has to know. */
export function pageOf(action: keyof Actions, { user, from }: ActingOn): string {
  const query = from.ticketId === undefined ? "" : `?${new URLSearchParams(fieldsOf(from))}`;
  return `/settings/users/${user.id}/${ENTRIES[action].path}${query}`;
}
