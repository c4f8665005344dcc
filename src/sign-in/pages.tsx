import type { JSX } from "hono/jsx/jsx-runtime";

import { Button } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import type { Assets } from "#ui/assets.ts";
import { answeredInDialog, Dialog } from "#ui/dialog.tsx";
import { Field, PasswordField } from "#ui/field.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";

interface SignInFormProps {
  /** Where it is sent; the sign-in page itself if left out. */
  readonly action?: string;
  /** What was clicked after the session had ended, sealed: it is done after signing in. */
  readonly carried?: string;
  /** What was typed, or the user name of who has just set a password. */
  readonly identifier?: string | undefined;
  /** Where to go after signing in. */
  readonly next?: string | undefined;
  readonly fault?: string | undefined;
}

interface SignInPageProps extends SignInFormProps {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
  readonly notice?: SignInNotice | undefined;
}

const SESSION_ENDED = "Your session has ended";
const CLICK_IS_CARRIED = "What you clicked is not lost: it is done as soon as you have signed in.";

const NOTICES = {
  password_set: { kind: "success", title: "Your new password is set", text: "Sign in with it now." },
  signed_out: { kind: "info", title: "You are signed out", text: "" },
  session_ended: { kind: "info", title: SESSION_ENDED, text: "Sign in again to go on where you were." },
  click_carried: { kind: "info", title: SESSION_ENDED, text: CLICK_IS_CARRIED },
  click_lost: {
    kind: "info",
    title: SESSION_ENDED,
    text: "Nothing was done yet. Sign in, and then send it once more.",
  },
  everything_ended: {
    kind: "success",
    title: "Everything was ended",
    text: "All sessions, yours too, all links, temporary passwords and API keys are over. Passwords still work: sign in with yours. The dashboard says who waits to get back in.",
  },
} as const;

/** Why somebody is asked to sign in. */
export type SignInNotice = keyof typeof NOTICES;

/** Asks for user name or address and password. */
export function SignInPage({ assets, instance, notice, ...form }: SignInPageProps): JSX.Element {
  const said = notice && NOTICES[notice];
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title={said ? `${said.title} · Sign in` : "Sign in"}
      heading={`Sign in to ${instance.name}`}
      help={
        <p>
          Not your company? <a href="/find-instance">Find your instance</a>, or{" "}
          <a href="/contact">contact your administrator</a>.
        </p>
      }
    >
      {said && (
        <Callout kind={said.kind} title={said.title}>
          {said.text}
        </Callout>
      )}
      <SignInForm {...form} />
    </PublicPage>
  );
}

/** Asks for them over the page on which something was clicked after the session had ended. */
export function SignInDialog({
  isKept,
  ...form
}: SignInFormProps & { readonly action: string; readonly isKept: boolean }): JSX.Element {
  return (
    <Dialog title="Sign in again">
      <p>
        {SESSION_ENDED}. {isKept ? CLICK_IS_CARRIED : "Sign in, and then click once more."}
      </p>
      <SignInForm {...form} isInDialog />
    </Dialog>
  );
}

function SignInForm(props: SignInFormProps & { readonly isInDialog?: boolean }): JSX.Element {
  const { action = "/sign-in", carried, identifier, next, fault, isInDialog = false } = props;
  return (
    <>
      <FormFaults faults={fault ? [{ detail: fault }] : []} />
      <form method="post" action={action} class="form" {...(isInDialog ? answeredInDialog(action) : {})}>
        {carried && <input type="hidden" name="carried" value={carried} />}
        {next && <input type="hidden" name="next" value={next} />}
        <Field
          name="identifier"
          label="User name or email"
          value={identifier}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          autofocus={!identifier}
          required
        />
        <PasswordField
          name="password"
          label="Password"
          autocomplete="current-password"
          autofocus={Boolean(identifier)}
          required
        />
        <Button kind="primary" wide={!isInDialog}>
          Sign in
        </Button>
        <p class="form-aside">
          <a href="/forgot-password">Forgot password?</a>
        </p>
      </form>
    </>
  );
}
