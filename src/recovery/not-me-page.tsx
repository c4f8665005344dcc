import type { JSX } from "hono/jsx/jsx-runtime";

import type { Assets } from "#ui/assets.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { PublicPage } from "#ui/layout.tsx";
import type { User } from "#users/user.ts";

interface NotMePageProps {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
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
        worthless, and tells the administrators of {instance.name}. You get in again with a fresh link to your
        registered address.
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
    <PublicPage assets={assets} instance={instance} title="Your account is closed to whoever changed it">
      <p>
        Every session of <strong>{user.username}</strong> has ended, the password is refused, and the administrators of{" "}
        {instance.name} have been told. Is the registered address still yours alone? Then ask for a fresh link. If not,
        call your administrator.
      </p>
      <ButtonLink kind="primary" wide href="/forgot-password">
        Ask for a fresh link
      </ButtonLink>
    </PublicPage>
  );
}
