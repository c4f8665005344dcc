import type { JSX } from "hono/jsx/jsx-runtime";

import { type FieldFault, invalidFields } from "#lib/errors.ts";
import { compose } from "#lib/text.ts";
import { faultOf } from "#ui/form-fault.tsx";
import { PasswordField } from "#ui/field.tsx";
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from "./password-policy.ts";

interface NewPasswordFieldsProps {
  readonly faults: readonly FieldFault[];
  /** What helps to choose one, beside its least length. */
  readonly hint?: string | undefined;
  /** Where the script asks what would become of the password. */
  readonly advice: string;
  readonly autofocus?: boolean | undefined;
  /** Off where a form offers another way than typing one. */
  readonly required?: boolean | undefined;
}

/** Asks for a new password twice, says while it is typed what would become of it, and marks in both what nobody sees. */
export function NewPasswordFields(props: NewPasswordFieldsProps): JSX.Element {
  const { faults, hint, advice, autofocus, required = true } = props;
  const field = (name: string) => ({
    name,
    fault: faultOf(faults, name),
    autocomplete: "new-password" as const,
    maxlength: LONGEST_PASSWORD * 2,
    marksUnseen: true,
    required,
  });
  const hints = [`At least ${SHORTEST_PASSWORD} characters.`, hint].filter(Boolean).join(" ");
  return (
    <>
      <PasswordField
        {...field("new_password")}
        label="New Password"
        hint={hints}
        advice={advice}
        autofocus={autofocus}
      />
      <PasswordField {...field("confirm_password")} label="Confirm Password" />
    </>
  );
}

/** For who chooses a password of their own. */
export const CHOOSING_HINT = "Four or five random words are strong and easy to remember.";

/** @throws validation_failed (on `confirm_password`) unless both fields hold the same password, however its letters are composed. */
export function requireSamePasswords(form: { new_password: string; confirm_password: string }): void {
  if (compose(form.new_password) === compose(form.confirm_password)) return;
  const detail = "New Password and Confirm Password are not the same. Type both again.";
  throw invalidFields([{ field: "confirm_password", code: "mismatch", detail }]);
}
