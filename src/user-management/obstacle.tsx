import type { JSX } from "hono/jsx/jsx-runtime";

import { Button, ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import type { User } from "#users/user.ts";
import { minutesLeft } from "./access-chip.tsx";
import type { UserDetails } from "./get-user-details.ts";

interface ObstacleProps extends Pick<UserDetails, "user" | "access" | "actions"> {
  readonly now: Date;
}

/** Why no link and no password would let the person in, where that is so. */
export function Obstacle({ user, access, actions, now }: ObstacleProps): JSX.Element | null {
  if (user.status === "inactive")
    return (
      <Callout kind="waiting" title="This user is inactive">
        No link and no password lets them in. Reactivate first, under More.
      </Callout>
    );
  if (user.role === "no_access")
    return (
      <Callout kind="waiting" title="The role No Access denies signing in">
        Change the role first, under Edit; what was sent before does not work any more.
      </Callout>
    );
  if (user.frozenAt)
    return (
      <Callout kind="failure" title="Frozen: “This was not me”">
        <p>
          {user.firstName} said so of a change of this account. Nothing lets anybody in, and no link or password can be
          made. Call back on a number that you know before you thaw it.
        </p>
        {actions.thaw.allowed ? (
          <ButtonLink href={`/settings/users/${user.id}/thaw`} opensDialogAs="thaw-account">
            Thaw
          </ButtonLink>
        ) : (
          <p>To thaw it: {actions.thaw.reason}</p>
        )}
      </Callout>
    );
  if (access.lockedUntil)
    return (
      <Callout kind="failure" title={`Locked after failed sign-ins, ${minutesLeft(access.lockedUntil, now)}`}>
        <p>
          Until then a password lets them in only from a browser with which they signed in before. A reset link works:
          the new password ends the lockout.
        </p>
        {actions.enable_login.allowed ? (
          <EnableLogin user={user} />
        ) : (
          <p>To enable login: {actions.enable_login.reason}</p>
        )}
      </Callout>
    );
  if (access.password === "none")
    return (
      <Callout kind="info" title="Has not accepted the invitation yet">
        There is no password to sign in with. Send Reset Link, under More, sends the invitation again.
      </Callout>
    );
  if (access.password === "refused")
    return (
      <Callout kind="waiting" title="A new password is required">
        The old one is refused. Send Reset Link, under More, mails the link to set a new one.
      </Callout>
    );
  return null;
}

function EnableLogin({ user }: { readonly user: User }): JSX.Element {
  const action = `/settings/users/${user.id}/enable-login`;
  return (
    <form method="post" action={action} hx-post={action} hx-swap="none" hx-sync="this:drop">
      <Button>Enable Login</Button>
    </form>
  );
}
