import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import { LANGUAGES } from "#lib/language.ts";
import { Button } from "#ui/button.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { HueField } from "#ui/hue-field.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { OpenedValues } from "#ui/opened-values.tsx";
import { Section } from "#ui/section.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { SenderTest } from "./sender-test.tsx";
import type { TestMail } from "./send-test-mail.tsx";
import { LONGEST_NAME } from "./settings.ts";

/** What a form of settings holds, as it was typed. */
export type FormValues = Readonly<Record<string, string>>;

interface InstancePageProps {
  readonly frame: Frame;
  readonly values: FormValues;
  readonly opened: FormValues;
  readonly faults: readonly FieldFault[];
  readonly testMail: TestMail | undefined;
}

const ADDRESS = "/settings/instance";
export const SETTINGS_CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
];

/** What people recognise the instance by, and how its mails come to them. */
export function InstancePage({ frame, values, opened, faults, testMail }: InstancePageProps): JSX.Element {
  const field = fieldOf(values, faults);
  return (
    <Page frame={frame} title="Instance" breadcrumb={[...SETTINGS_CRUMBS, { label: "Instance", href: ADDRESS }]}>
      <div class="stack settings-form">
        <form method="post" action={ADDRESS} class="stack">
          <OpenedValues values={opened} />
          <FormFaults faults={faults} />
          <Appearance field={field} />
          <MailAddresses field={field} />
          <div class="form-actions">
            <Button kind="primary">Save</Button>
          </div>
        </form>
        <SenderTest frame={frame} testMail={testMail} page={ADDRESS} action={`${ADDRESS}/test-mail`} />
      </div>
    </Page>
  );
}

interface FieldsProps {
  readonly field: ReturnType<typeof fieldOf>;
}

function Appearance({ field }: FieldsProps): JSX.Element {
  return (
    <Section title="Name and colour">
      <div class="form">
        <Field
          {...field("name")}
          label="Name"
          hint="On every page, mail and link page."
          maxlength={LONGEST_NAME}
          required
        />
        <HueField
          {...field("accent_hue")}
          label="Colour"
          hint="The band along the top and the buttons. Lightness is fixed, so that words on it can always be read."
        />
        <SelectField
          {...field("time_zone")}
          label="Time Zone"
          hint="For people who have set none of their own."
          choices={Intl.supportedValuesOf("timeZone")
            .concat("UTC")
            .map((zone) => ({ value: zone, label: zone }))}
        />
        <SelectField
          {...field("language")}
          label="Language of mails"
          hint="For people who have set none of their own, or one that is not among these."
          choices={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        />
        <Field
          {...field("open_crm_url")}
          label="Open CRM"
          type="url"
          hint="Where people go to work after signing in; their account offers it as a link."
          maxlength={2000}
        />
      </div>
    </Section>
  );
}

function MailAddresses({ field }: FieldsProps): JSX.Element {
  return (
    <Section title="Mail">
      <div class="form">
        <Field
          {...field("mail_from")}
          label="Sender"
          type="email"
          hint="Left empty, the operator's sender is used. The name shown beside it is always the instance's."
          maxlength={320}
        />
        <Field
          {...field("reply_to")}
          label="Answers go to"
          type="email"
          hint="Left empty, answers go to the sender."
          maxlength={320}
        />
      </div>
    </Section>
  );
}

/** @returns what a field of the form is drawn with. */
export function fieldOf(values: FormValues, faults: readonly FieldFault[]) {
  return (name: string): { name: string; value: string; fault: string | undefined } => ({
    name,
    value: values[name] ?? "",
    fault: faultOf(faults, name),
  });
}
