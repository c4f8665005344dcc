import type { JSX } from "hono/jsx/jsx-runtime";

import { Address } from "#ui/address.tsx";
import { Button } from "#ui/button.tsx";
import { DetailsList } from "#ui/details-list.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf } from "#ui/form-fault.tsx";
import type { Frame } from "#ui/layout.tsx";
import { ActionList, MenuForm } from "#ui/menu.tsx";
import { Section } from "#ui/section.tsx";
import { AccessChip } from "#user-management/access-chip.tsx";
import { UserActions } from "#user-management/user-actions.tsx";
import type { TicketDetails } from "./get-ticket-details.ts";
import type { TicketForms } from "./ticket-forms.ts";

interface RequesterProps {
  readonly frame: Frame;
  readonly details: TicketDetails;
  readonly forms: TicketForms;
  readonly timeZone: string;
  /** Of the ticket's page. */
  readonly address: string;
}

/** What can be done for whoever asked: every act is kept in the ticket. */
export function Requester(props: RequesterProps): JSX.Element {
  const { details, frame, timeZone, address } = props;
  const { ticket, requester } = details;
  const { name, email } = ticket.requester;
  return (
    <Section title="Requester">
      <div class="stack">
        <DetailsList
          compact
          items={[
            { label: "Name", value: requester ? <a href={`/settings/users/${requester.user.id}`}>{name}</a> : name },
            { label: "Email", value: <Address address={email} /> },
            ...(requester ? [{ label: "User Name", value: requester.user.username }] : []),
          ]}
        />
        {requester ? (
          <>
            <AccessChip user={requester.user} access={requester.access} now={frame.now} timeZone={timeZone} />
            {ticket.status === "closed" ? (
              <p class="quiet">
                This ticket is closed. Set it to Open to do something for {requester.user.firstName} in it.
              </p>
            ) : (
              <ActionList label={`Actions for ${requester.user.name}`}>
                <UserActions {...requester} place="list" from={{ returnTo: address, ticketId: ticket.id }} />
              </ActionList>
            )}
          </>
        ) : (
          <WhoseAccount {...props} />
        )}
      </div>
    </Section>
  );
}

/** Somebody who writes from an address that nobody has still has an account, perhaps: what is done for it is done here then. */
function WhoseAccount({ details: { namesakes }, forms, address }: RequesterProps): JSX.Element {
  const action = `${address}/account`;
  return (
    <>
      <p class="quiet">Nobody here has this address. Make sure who is asking before you choose an account.</p>
      {namesakes.length > 0 && (
        <ActionList label="Whose account is it?">
          {namesakes.map(({ id, name, email, username }) => (
            <MenuForm
              id={`account-${id}`}
              place="list"
              icon="user-check"
              label={name}
              description={email}
              action={action}
              fields={{ account: username }}
              enhanced={false}
            />
          ))}
        </ActionList>
      )}
      <form method="post" action={action} class="form">
        <Field
          name="account"
          label="User name or email of their account"
          value={forms.account}
          fault={faultOf(forms.faults, "account")}
          autocomplete="off"
          maxlength={320}
          required
        />
        <div class="form-actions">
          <Button>Choose</Button>
        </div>
      </form>
    </>
  );
}
