import type { JSX } from "hono/jsx/jsx-runtime";

import { Button } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import type { Assets } from "#ui/assets.ts";
import { Field, PasswordField } from "#ui/field.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";

interface SignInPageProps {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
  /** What was typed, or the user name of who has just set a password. */
  readonly identifier?: string | undefined;
  /** Where to go after signing in. */
  readonly next?: string | undefined;
  readonly fault?: string | undefined;
  readonly notice?: "password_set" | "signed_out" | "session_ended" | undefined;
}

const NOTICES = {
  password_set: { kind: "success", title: "Your new password is set", text: "Sign in with it now." },
  signed_out: { kind: "info", title: "You are signed out", text: "" },
  session_ended: { kind: "info", title: "Your session has ended", text: "Sign in again to go on where you were." },
} as const;

/** Asks for user name or address and password. */
export function SignInPage({ assets, instance, identifier, next, fault, notice }: SignInPageProps): JSX.Element {
  const said = notice && NOTICES[notice];
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title="Sign in"
      heading={`Sign in to ${instance.name}`}
      help={<p>Not your company? Check the address of your CRM, or ask your administrator.</p>}
    >
      {said && (
        <Callout kind={said.kind} title={said.title}>
          {said.text}
        </Callout>
      )}
      <FormFaults faults={fault ? [{ detail: fault }] : []} />
      <form method="post" action="/sign-in" class="form">
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
        <Button kind="primary" wide>
          Sign in
        </Button>
        <p class="form-aside">
          <a href="/forgot-password">Forgot password?</a>
        </p>
      </form>
    </PublicPage>
  );
}
