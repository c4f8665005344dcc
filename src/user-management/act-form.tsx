import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { Button, ButtonLink } from "#ui/button.tsx";
import { answeredInDialog } from "#ui/dialog.tsx";
import { FormFaults } from "#ui/form-fault.tsx";
import type { FieldFault } from "#lib/errors.ts";
import { type ActedFrom, ActedFromFields } from "./acted-from.tsx";

interface ActFormProps {
  readonly action: string;
  /** Where Cancel leads without the script, and what goes along. */
  readonly from: ActedFrom;
  /** What the button says, the same words as the menu. */
  readonly label: string;
  readonly danger?: boolean | undefined;
  readonly faults?: readonly FieldFault[] | undefined;
  /** What it will do, before it does it, and what it needs to know. */
  readonly children: Child;
}

/** Says what an act on a user will do, and does it when asked to. */
export function ActForm({ action, from, label, danger = false, faults = [], children }: ActFormProps): JSX.Element {
  return (
    <form method="post" action={action} class="form" {...answeredInDialog(action)}>
      <FormFaults faults={faults} />
      <ActedFromFields from={from} />
      {children}
      <div class="form-actions">
        <Button kind={danger ? "danger" : "primary"}>{label}</Button>
        <ButtonLink href={from.returnTo} closesDialog>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}
