import type { JSX } from "hono/jsx/jsx-runtime";

import { CHOOSING_HINT, NewPasswordFields } from "#credentials/new-password-fields.tsx";
import type { FieldFault } from "#lib/errors.ts";
import type { Assets } from "#ui/assets.ts";
import { Button } from "#ui/button.tsx";
import { PasswordField } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";
import type { User } from "#users/user.ts";

interface OwnPasswordPageProps {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
  readonly user: User;
  /** They came in with a temporary password and can do nothing before this. */
  readonly isRequired: boolean;
  readonly faults: readonly FieldFault[];
}

/** Where a signed-in person sets a password of their own, because they want to or because theirs was a temporary one. */
export function OwnPasswordPage({ assets, instance, user, isRequired, faults }: OwnPasswordPageProps): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title={isRequired ? "Choose your own password" : "Change your password"}
      help={isRequired ? <SignOut /> : <BackToAccount />}
    >
      <p>
        {isRequired
          ? `You are signed in with a temporary password, ${user.firstName}. Choose one that only you know, and you are in.`
          : "Your other sessions end, and you are told of it by mail."}
      </p>
      <FormFaults faults={faults} />
      <form method="post" action="/account/password" class="form">
        <input type="text" name="username" value={user.username} autocomplete="username" readonly hidden />
        <PasswordField
          name="current_password"
          label={isRequired ? "Temporary Password" : "Current Password"}
          fault={faultOf(faults, "current_password")}
          autocomplete="current-password"
          autofocus={faults.length === 0}
          required
        />
        <NewPasswordFields faults={faults} hint={CHOOSING_HINT} advice="/account/password/advice" />
        <Button kind="primary" wide>
          Save password
        </Button>
      </form>
    </PublicPage>
  );
}

function SignOut(): JSX.Element {
  return (
    <form method="post" action="/sign-out">
      <Button>Sign out</Button>
    </form>
  );
}

function BackToAccount(): JSX.Element {
  return (
    <p>
      <a href="/account">Back to your account</a>
    </p>
  );
}
