import type { JSX } from "hono/jsx/jsx-runtime";

import { CHOOSING_HINT, NewPasswordFields } from "#credentials/new-password-fields.tsx";
import type { FieldFault, RekeyError } from "#lib/errors.ts";
import { maskAddress } from "#lib/text.ts";
import type { Assets } from "#ui/assets.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { Field } from "#ui/field.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";

/** What every public page is drawn with. */
interface PublicFrame {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
}

/** Asks for whom a link is wanted. */
export function ForgotPasswordPage({ assets, instance }: PublicFrame): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title="Forgot password?" help={<OtherWays />}>
      <p>
        Enter your user name or the address that your mails go to. We mail you a link with which you set a new password.
      </p>
      <form method="post" action="/forgot-password" class="form">
        <Field
          name="identifier"
          label="User name or email"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          maxlength={320}
          autofocus
          required
        />
        <Button kind="primary" wide>
          Send Reset Link
        </Button>
      </form>
    </PublicPage>
  );
}

/** Says the same to everybody, whether an account exists or not. */
export function LinkRequestedPage({ assets, instance }: PublicFrame): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title="Look into your mailbox" help={<OtherWays />}>
      <p>
        If an account goes by what you entered, a mail with a link is on its way to its registered address. It arrives
        within a few minutes.
      </p>
      <Callout kind="info" title="Nothing there?">
        Look into Spam or Junk. Was it the right company’s CRM? This is {instance.name}. If it still does not come, ask
        your administrator, who can see what became of the mail.
      </Callout>
    </PublicPage>
  );
}

interface NewPasswordPageProps extends PublicFrame {
  readonly recoveryId: string;
  readonly user: { readonly firstName: string; readonly username: string };
  readonly isInvitation: boolean;
  readonly faults?: readonly FieldFault[];
}

/** Where the person sets their own new password. */
export function NewPasswordPage({
  assets,
  instance,
  recoveryId,
  user,
  isInvitation,
  faults = [],
}: NewPasswordPageProps): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title={isInvitation ? "Set your password" : "Set a new password"}
      help={
        <p>
          Setting a password ends all your sessions and tells you so by mail. {instance.name} never asks you for it.
        </p>
      }
    >
      <p>
        Hello {user.firstName}. Your user name is <strong>{user.username}</strong>.
      </p>
      <FormFaults faults={faults} />
      <form method="post" action="/reset-password" class="form">
        <input type="hidden" name="recovery" value={recoveryId} />
        <input type="text" name="username" value={user.username} autocomplete="username" readonly hidden />
        <NewPasswordFields
          faults={faults}
          hint={CHOOSING_HINT}
          advice="/reset-password/password/advice"
          autofocus={faults.length === 0}
        />
        <Button kind="primary" wide>
          Save password
        </Button>
      </form>
    </PublicPage>
  );
}

interface DeadLinkPageProps extends PublicFrame {
  readonly refusal: RekeyError;
  /** Proven by the link itself; without it nothing can be mailed. */
  readonly recoveryId?: string | undefined;
}

/** Says honestly why a link does not work and what to do: expired, already used, replaced, or not complete. */
export function DeadLinkPage({ assets, instance, refusal, recoveryId }: DeadLinkPageProps): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title={refusal.title.replace(/\.$/, "")} help={<OtherWays />}>
      <p>{refusal.detail}</p>
      <NextStep refusal={refusal} recoveryId={recoveryId} />
    </PublicPage>
  );
}

/** A fresh link, where one helps. */
function NextStep({ refusal, recoveryId }: Pick<DeadLinkPageProps, "refusal" | "recoveryId">): JSX.Element {
  const { code, members } = refusal;
  if (members["reason"] !== undefined)
    return (
      <ButtonLink kind="primary" wide href="/contact">
        Contact your administrator
      </ButtonLink>
    );
  if (code === "link_used")
    return (
      <ButtonLink kind="primary" wide href="/sign-in">
        Sign in
      </ButtonLink>
    );
  return <FreshLink recoveryId={recoveryId} />;
}

function FreshLink({ recoveryId }: { readonly recoveryId: string | undefined }): JSX.Element {
  if (!recoveryId)
    return (
      <ButtonLink kind="primary" wide href="/forgot-password">
        Ask for a fresh link
      </ButtonLink>
    );
  return (
    <form method="post" action="/reset-password/renew" class="form">
      <input type="hidden" name="recovery" value={recoveryId} />
      <Button kind="primary" wide>
        Send me a fresh link
      </Button>
    </form>
  );
}

/** A fresh link is on its way to the registered address. */
export function LinkRenewedPage({
  assets,
  instance,
  sentTo,
}: PublicFrame & { readonly sentTo: string | undefined }): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title="A fresh link is on its way" help={<OtherWays />}>
      <p>
        It goes to {sentTo === undefined ? "the address of the account" : <strong>{maskAddress(sentTo)}</strong>} and
        arrives within a few minutes. If it does not, look into Spam or Junk.
      </p>
    </PublicPage>
  );
}

/** Where to go when the page does not help. */
function OtherWays(): JSX.Element {
  return (
    <p>
      <a href="/sign-in">Back to sign in</a> or <a href="/contact">contact your administrator</a>
    </p>
  );
}
