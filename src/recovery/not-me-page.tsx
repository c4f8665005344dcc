import type { JSX } from "hono/jsx/jsx-runtime";

import type { RekeyError } from "#lib/errors.ts";
import type { Assets } from "#ui/assets.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { PublicPage } from "#ui/layout.tsx";
import type { User } from "#users/user.ts";

interface PublicFrame {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
}

interface NotMePageProps extends PublicFrame {
  readonly user: User;
}

/** Says what “This was not me” will do, and does it when asked to: opening the link alone does nothing. */
export function NotMePage({
  assets,
  instance,
  user,
  action,
}: NotMePageProps & { readonly action: string }): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title="Was this not you?"
      help={<p>It was you after all? Then close this page; nothing has happened.</p>}
    >
      <p>
        This ends every session of <strong>{user.username}</strong>, makes the present password and every link
        worthless, and freezes the account: nobody gets in, not even with a new link. The administrators of{" "}
        {instance.name} are told, and let you back in once they have made sure that it is you.
      </p>
      <form method="post" action={action} class="form">
        <Button kind="danger" wide>
          This was not me
        </Button>
      </form>
    </PublicPage>
  );
}

/** It is done, and what to do next. */
export function DisownedPage({ assets, instance, user }: NotMePageProps): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title="Your account is frozen">
      <p>
        Every session of <strong>{user.username}</strong> has ended, the password is refused, no link works, and none is
        sent. The administrators of {instance.name} have been told by mail.
      </p>
      <p>
        Call one of them, on a number that you know. Once they have made sure that it is you, they thaw the account and
        send you a fresh link.
      </p>
    </PublicPage>
  );
}

/** Says why the link does not work; somebody may be in the account, so that the next step is a person who can look. */
export function DeadNotMeLinkPage({
  assets,
  instance,
  refusal,
}: PublicFrame & { readonly refusal: RekeyError }): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title={refusal.title.replace(/\.$/, "")}>
      <p>{refusal.detail}</p>
      <p>Nothing was done just now. If something in your account was not you, tell an administrator at once.</p>
      <ButtonLink kind="primary" wide href="/contact">
        Contact your administrator
      </ButtonLink>
    </PublicPage>
  );
}
