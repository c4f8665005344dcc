import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { CheckField } from "#ui/choice-field.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { OpenedValues } from "#ui/opened-values.tsx";
import { lastingWords } from "#ui/relative-time.ts";
import { Section } from "#ui/section.tsx";
import type { AddressDoubt } from "#users/address-doubt.ts";
import { AddressAskedAbout, AddressQuestion } from "./address-question.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { TimeZoneField } from "#ui/time-zone-field.tsx";

/** The names of the fields, as form and API call them. */
export const USER_FIELD_NAMES = [
  "first_name",
  "last_name",
  "email",
  "username",
  "role",
  "title",
  "department",
  "phone",
  "mobile",
  "time_zone",
  "locale",
  "reports_to",
] as const;

export type UserFormValues = Readonly<Record<(typeof USER_FIELD_NAMES)[number], string>>;

interface UserFormProps {
  readonly action: string;
  /** Where Cancel leads. */
  readonly returnTo: string;
  readonly values: UserFormValues;
  /** What the form held when it was opened; undefined of a new user. */
  readonly opened?: Readonly<Record<string, string>> | undefined;
  readonly faults: readonly FieldFault[];
  /** About the address among the values. */
  readonly doubt?: AddressDoubt | undefined;
  /** Whether an invitation is to be sent. */
  readonly invite?: boolean | undefined;
  /** The roles that the acting administrator may grant; none where they may not change it. */
  readonly roles: readonly { readonly value: string; readonly label: string }[];
  /** Of a new user; undefined when one is edited. */
  readonly invitationLifetimeMs?: number | undefined;
}

/** Asks for everything that is known about a user. */
export function UserForm(props: UserFormProps): JSX.Element {
  const { action, returnTo, values, opened, faults, doubt, roles, invitationLifetimeMs, invite = true } = props;
  const isNew = invitationLifetimeMs !== undefined;
  const field: FieldOf = (name) => ({
    name,
    value: values[name],
    fault: faultOf(faults, name),
  });
  return (
    <form method="post" action={action} class="stack user-form">
      {/* The first button of a form is what Enter in any field means: saving, never taking a suggestion. */}
      {doubt && <button hidden />}
      {opened && <OpenedValues values={opened} />}
      {faults.length > 0 && <AddressAskedAbout email={values.email} />}
      <FormFaults faults={faults} />
      <LoginFields
        field={field}
        roles={roles}
        isNew={isNew}
        doubt={doubt && <AddressQuestion {...doubt} email={values.email} keep="Save as it is" />}
      />
      <MoreFields field={field} />
      {isNew && (
        <CheckField
          name="invite"
          label="Send an invitation"
          hint={`A mail with a link to set a password; it works for ${lastingWords(invitationLifetimeMs)} and can be sent again.`}
          checked={invite}
        />
      )}
      <div class="form-actions">
        <Button kind="primary">{isNew ? "Create User" : "Save"}</Button>
        <ButtonLink href={returnTo}>Cancel</ButtonLink>
      </div>
    </form>
  );
}

type FieldOf = (name: keyof UserFormValues) => { name: string; value: string; fault: string | undefined };

function LoginFields({
  field,
  roles,
  isNew,
  doubt,
}: Pick<UserFormProps, "roles"> & {
  readonly isNew: boolean;
  readonly field: FieldOf;
  readonly doubt: Child;
}): JSX.Element {
  return (
    <Section title="User Login & Role">
      <div class="form-grid">
        <Field {...field("first_name")} label="First Name" autocomplete="off" maxlength={100} required />
        <Field {...field("last_name")} label="Last Name" autocomplete="off" maxlength={100} required />
        <Field
          {...field("email")}
          label="Email"
          type="email"
          autocomplete="off"
          maxlength={320}
          warning={doubt}
          hint={
            isNew
              ? "Links and notices go here."
              : "The old address is told of a change, and links sent to it stop working."
          }
          required
        />
        <Field
          {...field("username")}
          label="User Name"
          autocomplete="off"
          maxlength={64}
          hint={isNew ? "Left empty, it is made from the address." : undefined}
          required={!isNew}
        />
        {roles.length > 0 && (
          <SelectField
            {...field("role")}
            label="Role"
            choices={roles}
            hint={<a href="/settings/roles">What each role may</a>}
          />
        )}
      </div>
    </Section>
  );
}

function MoreFields({ field }: { readonly field: FieldOf }): JSX.Element {
  return (
    <Section title="More Information">
      <div class="form-grid">
        <Field {...field("title")} label="Title" autocomplete="off" maxlength={100} />
        <Field {...field("department")} label="Department" autocomplete="off" maxlength={100} />
        <Field {...field("phone")} label="Office Phone" type="tel" autocomplete="off" maxlength={50} />
        <Field {...field("mobile")} label="Mobile" type="tel" autocomplete="off" maxlength={50} />
        <Field
          {...field("reports_to")}
          label="Reports To"
          autocomplete="off"
          maxlength={320}
          hint="The user name or address of somebody here."
        />
        <TimeZoneField {...field("time_zone")} />
        <Field
          {...field("locale")}
          label="Language"
          autocomplete="off"
          maxlength={35}
          hint="Such as en, es or pt-BR."
        />
      </div>
    </Section>
  );
}
