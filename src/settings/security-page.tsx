import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import { Button } from "#ui/button.tsx";
import { CheckField } from "#ui/choice-field.tsx";
import { Field } from "#ui/field.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { OpenedValues } from "#ui/opened-values.tsx";
import { Section } from "#ui/section.tsx";
import { fieldOf, type FormValues, SETTINGS_CRUMBS } from "./instance-page.tsx";
import { LIMITS } from "./settings.ts";

interface SecurityPageProps {
  readonly frame: Frame;
  readonly values: FormValues;
  readonly opened: FormValues;
  readonly faults: readonly FieldFault[];
}

const ADDRESS = "/settings/security";

/** The policies of the instance, each explained where it is set. */
export function SecurityPage({ frame, values, opened, faults }: SecurityPageProps): JSX.Element {
  const number = numberOf(values, faults);
  return (
    <Page frame={frame} title="Security" breadcrumb={[...SETTINGS_CRUMBS, { label: "Security", href: ADDRESS }]}>
      <form method="post" action={ADDRESS} class="stack settings-form">
        <OpenedValues values={opened} />
        <FormFaults faults={faults} />
        <LinkPolicies values={values} number={number} />
        <Section title="Temporary passwords">
          <CheckField
            name="allows_typed_passwords"
            label="Administrators may type one themselves"
            hint="Otherwise it is always generated, which nobody guesses and nobody uses twice."
            checked={values["allows_typed_passwords"] === "on"}
          />
        </Section>
        <Section title="Lockout">
          <div class="form">
            <Field
              {...number("lockout_failures")}
              label="Failed sign-ins in a row that stop an account"
              hint="3 to 100. A browser that has signed in to the account before has a count of its own, so nobody keeps people out by guessing."
            />
            <Field
              {...number("lockout_minutes")}
              label="Sign-in is stopped for, in minutes"
              hint="5 to 1440. A reset link works meanwhile, and setting a new password ends it; so does Enable Login on the profile."
            />
          </div>
        </Section>
        <Section title="Sessions">
          <div class="form">
            <Field
              {...number("session_idle_minutes")}
              label="Ends when nothing was done for, in minutes"
              hint="5 to 30. A page that is only left open does not count as doing something."
            />
            <Field
              {...number("session_absolute_minutes")}
              label="Ends in any case after, in minutes"
              hint="30 to 720, which is half a day. Holds for sessions that begin from now on."
            />
          </div>
        </Section>
        <div class="form-actions">
          <Button kind="primary">Save</Button>
        </div>
      </form>
    </Page>
  );
}

interface LinkPoliciesProps {
  readonly values: FormValues;
  readonly number: ReturnType<typeof numberOf>;
}

function LinkPolicies({ values, number }: LinkPoliciesProps): JSX.Element {
  return (
    <Section title="Reset links">
      <div class="form">
        <Field
          {...number("link_lifetime_minutes")}
          label="A reset link works for, in minutes"
          hint="10 to 1440. Counted from when the mail server takes the mail; short enough that a forgotten mail opens nothing, long enough for a slow one."
        />
        <Field
          {...number("invitation_lifetime_minutes")}
          label="An invitation works for, in minutes"
          hint="60 to 10080, which is a week; 1440 are a day."
        />
        <CheckField
          name="requires_verification_for_links"
          label="Ask how the administrator made sure of who is asking"
          hint="Always asked for a temporary password. With this, Send Reset Link asks too, instead of sending at one click."
          checked={values["requires_verification_for_links"] === "on"}
        />
        <CheckField
          name="allows_copied_links"
          label="Owners and Admins may copy a reset link"
          hint="For people whom no mail reaches. Otherwise links leave by mail alone, which proves who reads it; whoever holds a copied link can set the password. Each copy is recorded, and the mail about the new password names who made it."
          checked={values["allows_copied_links"] === "on"}
        />
      </div>
    </Section>
  );
}

/** @returns what a field for a number is drawn with. */
function numberOf(values: FormValues, faults: readonly FieldFault[]) {
  const field = fieldOf(values, faults);
  return (name: keyof typeof LIMITS) => {
    const [min, max] = LIMITS[name];
    return { ...field(name), type: "number", inputmode: "numeric", min, max, required: true } as const;
  };
}
