import type { JSX } from "hono/jsx/jsx-runtime";

import type { FieldFault } from "#lib/errors.ts";
import { Button, ButtonLink } from "#ui/button.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Section } from "#ui/section.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";
import { TICKETS_ADDRESS, TICKETS_CRUMBS } from "./tickets-page.tsx";

/** The names of the fields in the form. */
export const NEW_TICKET_FIELDS = ["subject", "name", "email", "message", "external_url"] as const;

export type NewTicketValues = Readonly<Record<(typeof NEW_TICKET_FIELDS)[number], string>>;

interface NewTicketPageProps {
  readonly frame: Frame;
  readonly values: NewTicketValues;
  readonly faults: readonly FieldFault[];
}

/** For somebody who called, or wrote elsewhere. */
export function NewTicketPage({ frame, values, faults }: NewTicketPageProps): JSX.Element {
  const field = (name: keyof NewTicketValues) => ({ name, value: values[name], fault: faultOf(faults, name) });
  return (
    <Page
      frame={frame}
      title="New Ticket"
      breadcrumb={[...TICKETS_CRUMBS, { label: "New Ticket", href: `${TICKETS_ADDRESS}/new` }]}
    >
      <div class="settings-form">
        <Section title="Who needs help, and with what">
          <form method="post" action={TICKETS_ADDRESS} class="form">
            <FormFaults faults={faults} />
            <Field {...field("name")} label="Requester" autocomplete="off" maxlength={200} required />
            <Field
              {...field("email")}
              label="Email"
              type="email"
              hint="Answers go there. The ticket is linked to the account of that address, if there is one."
              autocomplete="off"
              maxlength={320}
              required
            />
            <Field {...field("subject")} label="Subject" autocomplete="off" maxlength={200} required />
            <TextAreaField {...field("message")} label="What they said" rows={4} maxlength={4000} />
            <Field
              {...field("external_url")}
              label="Outside help desk"
              type="url"
              hint="The address of the same matter there, if there is one."
              maxlength={2000}
            />
            <div class="form-actions">
              <Button kind="primary">Open ticket</Button>
              <ButtonLink href={TICKETS_ADDRESS}>Cancel</ButtonLink>
            </div>
          </form>
        </Section>
      </div>
    </Page>
  );
}
