import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import type { Assets } from "#ui/assets.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { answeredInDialog, Dialog } from "#ui/dialog.tsx";
import { PasswordField } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { PublicPage } from "#ui/layout.tsx";

export interface ConfirmProps {
  /** Where what was asked for is sent again. */
  readonly action: string;
  /** What was asked for, sealed. */
  readonly carried: string;
  readonly username: string;
  readonly faults: readonly FieldFault[];
}

const TITLE = "Confirm that it is you";

/** Asks for the password in place, over the page; what was clicked or typed goes on afterwards. */
export function ConfirmDialog(props: ConfirmProps): JSX.Element {
  return (
    <Dialog title={TITLE}>
      <ConfirmForm {...props} inDialog />
    </Dialog>
  );
}

/** The same as a page of its own. */
export function ConfirmPage({
  assets,
  instance,
  ...props
}: ConfirmProps & { readonly assets: Assets; readonly instance: { readonly name: string } }): JSX.Element {
  return (
    <PublicPage assets={assets} instance={instance} title={TITLE} help={<a href="/">Leave it, to the start page</a>}>
      <ConfirmForm {...props} />
    </PublicPage>
  );
}

function ConfirmForm(props: ConfirmProps & { readonly inDialog?: boolean }): JSX.Element {
  const { action, carried, username, faults, inDialog = false } = props;
  return (
    <form method="post" action={action} class="form" {...(inDialog ? answeredInDialog(action) : {})}>
      <FormFaults faults={faults} />
      <p>
        You signed in more than ten minutes ago, and this needs a fresh sign-in. It goes on where you were as soon as
        you have confirmed.
      </p>
      <input type="text" name="username" value={username} autocomplete="username" readonly hidden />
      <input type="hidden" name="carried" value={carried} />
      <PasswordField
        name="password"
        label="Your password"
        fault={faultOf(faults, "password")}
        autocomplete="current-password"
        autofocus
        required
      />
      <div class="form-actions">
        <Button kind="primary">Confirm</Button>
        {inDialog && (
          <ButtonLink href="/" closesDialog>
            Cancel
          </ButtonLink>
        )}
      </div>
    </form>
  );
}
