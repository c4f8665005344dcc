import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Section } from "#ui/section.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";

export const END_EVERYTHING_ADDRESS = "/settings/end-everything";

const CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "End everything", href: END_EVERYTHING_ADDRESS },
];

interface EndEverythingProps {
  readonly frame: Frame;
  readonly reason: string;
  readonly faults: readonly FieldFault[];
}

/** For the day on which nobody knows who is inside: says what will end before it ends it. */
export function EndEverythingPage({ frame, reason, faults }: EndEverythingProps): JSX.Element {
  return (
    <Page frame={frame} title="End everything" breadcrumb={CRUMBS}>
      <div class="stack settings-form">
        <Section title="In an emergency">
          <form method="post" action={END_EVERYTHING_ADDRESS} class="form">
            <FormFaults faults={faults} />
            <Callout kind="failure" title={`This signs everybody at ${frame.instance.name} out, you included`}>
              <p>
                At once every session is over, and no reset link, invitation, temporary password or API key that exists
                now works any more. Passwords stay: whoever knows theirs signs in again. To shut out somebody who knows
                a password, use Require New Password on their profile.
              </p>
            </Callout>
            <TextAreaField
              name="reason"
              label="Reason"
              hint="Kept in the record."
              value={reason}
              fault={faultOf(faults, "reason")}
              rows={2}
              maxlength={500}
              required
            />
            <div class="form-actions">
              <Button kind="danger">End everything</Button>
              <ButtonLink href="/settings">Cancel</ButtonLink>
            </div>
          </form>
        </Section>
      </div>
    </Page>
  );
}
