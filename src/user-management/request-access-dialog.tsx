import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { answeredInDialog } from "#ui/dialog.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";
import { type Permission, PERMISSIONS, rolesWith } from "#users/roles.ts";
import type { User } from "#users/user.ts";
import { namesOf } from "./request-access.ts";

export const REQUEST_ACCESS_ADDRESS = "/access-requests/new";

interface RequestAccessProps {
  readonly lacked: readonly Permission[];
  readonly holders: readonly User[];
  readonly values: { readonly permission: string; readonly note: string };
  readonly faults: readonly FieldFault[];
}

/** Says which role what is needed belongs to and who has it, and asks them for it. */
export function RequestAccessForm({ lacked, holders, values, faults }: RequestAccessProps): JSX.Element {
  const choices = lacked.map((permission) => ({
    value: permission,
    label: `${PERMISSIONS[permission]} (${rolesWith(permission)})`,
  }));
  return (
    <form method="post" action={REQUEST_ACCESS_ADDRESS} class="form" {...answeredInDialog(REQUEST_ACCESS_ADDRESS)}>
      <FormFaults faults={faults} />
      <p>
        What you may do follows from your role. {namesOf(holders)} can give you another one, and will be asked by mail.
      </p>
      <SelectField
        name="permission"
        label="What do you need?"
        choices={choices}
        value={values.permission}
        fault={faultOf(faults, "permission")}
        required
      />
      <TextAreaField
        name="note"
        label="Why?"
        hint="Goes into the mail."
        value={values.note}
        fault={faultOf(faults, "note")}
        rows={2}
        maxlength={500}
      />
      <div class="form-actions">
        <Button kind="primary">Request access</Button>
        <ButtonLink href="/" closesDialog>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}
