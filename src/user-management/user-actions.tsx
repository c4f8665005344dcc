import type { JSX } from "hono/jsx/jsx-runtime";

import { MenuForm, MenuLink } from "#ui/menu.tsx";
import type { AddressDoubt } from "#users/address-doubt.ts";
import type { User } from "#users/user.ts";
import { REQUEST_ACCESS_ADDRESS } from "./request-access-dialog.tsx";
import { namesOf } from "./request-access.ts";
import type { Access } from "./access.ts";
import type { Actions } from "./actions.ts";
import { type ActingOn, atOnce, ENTRIES, pageOf } from "./entries.ts";

interface UserActionsProps extends ActingOn {
  readonly actions: Actions;
  readonly access: Access;
  readonly addressDoubt: AddressDoubt | undefined;
  /** Whether the instance lets links be copied at all. */
  readonly allowsCopiedLinks: boolean;
  /** Who can give the acting person what their role lacks, so that they may ask for it; nobody where it lacks nothing. */
  readonly grantors: readonly User[];
  readonly place: "menu" | "list";
}

/** What can be done to a user, in the order of the help centre, for the More menu and the information panel alike. */
export function UserActions(props: UserActionsProps): JSX.Element {
  const { actions, place, grantors } = props;
  return (
    <>
      {actionsFor(props).map((action) => {
        const { path, opensDialog = true, ...item } = ENTRIES[action];
        const shared = {
          ...item,
          ...(action === "send_reset_link" && { description: describeRecipient(props) }),
          id: `${place}-${path}`,
          place,
          disabledReason: actions[action].reason ?? undefined,
        };
        const immediate = atOnce(action, props);
        if (immediate) return <MenuForm {...shared} {...immediate} />;
        return <MenuLink {...shared} href={pageOf(action, props)} opensDialog={opensDialog} />;
      })}
      {grantors.length > 0 && (
        <MenuLink
          id={`${place}-request-access`}
          place={place}
          icon="user-check"
          label="Request access"
          description={`${namesOf(grantors)} can give you what your role lacks`}
          href={REQUEST_ACCESS_ADDRESS}
          opensDialog
        />
      )}
    </>
  );
}

function actionsFor(props: UserActionsProps): readonly (keyof Actions)[] {
  const { user, access, allowsCopiedLinks } = props;
  const isMendedFirst = isInDoubt(props);
  return [
    "send_reset_link",
    ...(isMendedFirst ? (["correct_and_send"] as const) : []),
    "change_password",
    "require_new_password",
    ...(user.frozenAt ? (["thaw"] as const) : []),
    ...(access.lockedUntil ? (["enable_login"] as const) : []),
    ...(isMendedFirst ? [] : (["correct_and_send"] as const)),
    ...(allowsCopiedLinks ? (["copy_reset_link"] as const) : []),
    "end_sessions",
    user.status === "active" ? "deactivate" : "reactivate",
    "edit",
  ];
}

/** Where mails to the address come back, or it looks misspelt, mending it is what helps. */
function isInDoubt({ user, access, addressDoubt }: UserActionsProps): boolean {
  const { latestRecovery: latest, suppressed } = access;
  const mail = latest?.sentTo === user.email ? latest.lastMail?.state : undefined;
  return addressDoubt !== undefined || suppressed !== undefined || mail === "bounced" || mail === "failed";
}

/** Asked before the click: a mail to an address that nobody has costs whoever waits for it a day. */
function describeRecipient({ user: { email }, addressDoubt: doubt }: UserActionsProps): string {
  if (!doubt?.suggestion) return `To ${email}`;
  return `To ${email}. Is this address right? Did you mean ${doubt.suggestion}?`;
}
