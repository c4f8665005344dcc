import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import type { Assets } from "#ui/assets.ts";
import { Button } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";

interface PublicFrame {
  readonly assets: Assets;
  readonly instance: { readonly name: string };
}

interface ContactPageProps extends PublicFrame {
  readonly values: { readonly name: string; readonly email: string; readonly message: string };
  readonly faults: readonly FieldFault[];
}

/** For who cannot sign in and whom no link helps. */
export function ContactPage({ assets, instance, values, faults }: ContactPageProps): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title="Contact your administrator"
      help={
        <p>
          Only the password forgotten? <a href="/forgot-password">Ask for a link</a>, it is quicker.
        </p>
      }
    >
      <p>
        Your message goes to the administrators of {instance.name}, who answer by mail. Never write a password here.
      </p>
      <FormFaults faults={faults} />
      <form method="post" action="/contact" class="form">
        <Field
          name="name"
          label="Your name"
          value={values.name}
          fault={faultOf(faults, "name")}
          autocomplete="name"
          maxlength={200}
          required
        />
        <Field
          name="email"
          label="Your email"
          type="email"
          value={values.email}
          fault={faultOf(faults, "email")}
          hint="The one of your account, if mails to it reach you."
          autocomplete="email"
          maxlength={320}
          required
        />
        <TextAreaField
          name="message"
          label="What is the matter?"
          hint="For instance what the page says when you try to sign in."
          value={values.message}
          fault={faultOf(faults, "message")}
          rows={5}
          maxlength={4000}
          required
        />
        <Button kind="primary" wide>
          Send
        </Button>
      </form>
    </PublicPage>
  );
}

/** Says the same to everybody, whether an account goes by the address or not. */
export function ContactedPage({ assets, instance }: PublicFrame): JSX.Element {
  return (
    <PublicPage
      assets={assets}
      instance={instance}
      title="Your message is on its way"
      help={
        <p>
          <a href="/sign-in">Back to sign in</a>
        </p>
      }
    >
      <p>The administrators of {instance.name} have it in a moment, and answer by mail to the address that you gave.</p>
      <Callout kind="info" title="No answer?">
        Look into Spam or Junk. If it is urgent, call somebody in your company who administers {instance.name}.
      </Callout>
    </PublicPage>
  );
}
