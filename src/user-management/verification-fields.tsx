import type { JSX } from "hono/jsx/jsx-runtime";

import type { Instance } from "#instances/instance.ts";
import { type FieldFault, invalidFields } from "#lib/errors.ts";
import type { VerificationMethod } from "#platform/database/approval-tables.ts";
import { VERIFICATION_METHODS, type Verification } from "#recovery/verification.ts";
import { faultOf } from "#ui/form-fault.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";
import type { User } from "#users/user.ts";

/** The names of the fields in a form. */
export const VERIFICATION_FIELDS = ["verification_method", "verification_note"] as const;

export const NOT_VERIFIED = { verification_method: "", verification_note: "" };

type Filled = Readonly<Record<(typeof VERIFICATION_FIELDS)[number], string>>;

interface VerificationFieldsProps {
  readonly user: User;
  readonly values: Filled;
  readonly faults: readonly FieldFault[];
}

/** Asks how the administrator made sure of who is asking. */
export function VerificationFields({ user, values, faults }: VerificationFieldsProps): JSX.Element {
  const methods = Object.entries(VERIFICATION_METHODS).map(([value, label]) => ({ value, label }));
  return (
    <>
      <SelectField
        name="verification_method"
        label={`How did you make sure that it is ${user.firstName}?`}
        choices={[{ value: "", label: "Choose …" }, ...methods]}
        value={values.verification_method}
        fault={faultOf(faults, "verification_method")}
        required
      />
      <TextAreaField
        name="verification_note"
        label="Note"
        hint="Kept with the record, for instance which number you called."
        value={values.verification_note}
        fault={faultOf(faults, "verification_note")}
        rows={2}
        maxlength={500}
      />
    </>
  );
}

/** Asks it where the instance's policy wants it before a link is sent. */
export function LinkVerificationFields({
  instance,
  ...props
}: VerificationFieldsProps & { readonly instance: Instance }): JSX.Element | null {
  return instance.requiresVerificationForLinks ? <VerificationFields {...props} /> : null;
}

/** @returns what was filled in where the instance's policy asks for it. @throws as readVerification does. */
export function readLinkVerification(instance: Instance, form: Filled): Verification | undefined {
  return instance.requiresVerificationForLinks ? readVerification(form) : undefined;
}

/** @returns what was filled in. @throws validation_failed (on `verification_method`) when nothing was chosen. */
export function readVerification(form: Filled): Verification {
  const { verification_method: method, verification_note: note } = form;
  if (Object.hasOwn(VERIFICATION_METHODS, method)) return { method: method as VerificationMethod, note };
  const detail = "Choose how you made sure of who is asking.";
  throw invalidFields([{ field: "verification_method", code: "missing", detail }]);
}

/** The use case calls the field as the API does. */
export function asVerificationField(fault: FieldFault): FieldFault {
  return fault.field === "verification.note" ? { ...fault, field: "verification_note" } : fault;
}
