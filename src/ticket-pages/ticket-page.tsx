import type { JSX } from "hono/jsx/jsx-runtime";

import { Button } from "#ui/button.tsx";
import { Field } from "#ui/field.tsx";
import { faultOf, FormFaults } from "#ui/form-fault.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { News } from "#ui/news.tsx";
import { Section } from "#ui/section.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { TextAreaField } from "#ui/text-area-field.tsx";
import { ExactTime } from "#ui/time.tsx";
import { STATUS_WORDS } from "#tickets/message-words.ts";
import type { Ticket } from "#tickets/ticket.ts";
import { DiagnosisBlock } from "#user-management/diagnosis-block.tsx";
import { RecoveryTimeline } from "#user-management/recovery-timeline.tsx";
import { Conversation } from "./conversation.tsx";
import type { TicketDetails } from "./get-ticket-details.ts";
import { Requester } from "./requester.tsx";
import { StatusChip } from "./status-chip.tsx";
import type { TicketForms } from "./ticket-forms.ts";
import { TICKETS_ADDRESS, TICKETS_CRUMBS } from "./tickets-page.tsx";

interface TicketPageProps {
  readonly frame: Frame;
  readonly details: TicketDetails;
  readonly forms: TicketForms;
  readonly timeZone: string;
}

/** A ticket: the conversation, and everything that lets its requester back in. */
export function TicketPage(props: TicketPageProps): JSX.Element {
  const { frame, details, timeZone } = props;
  const { ticket, messages } = details;
  const address = addressOf(ticket);
  return (
    <Page
      frame={frame}
      title={ticket.subject}
      breadcrumb={[...TICKETS_CRUMBS, { label: `#${ticket.number}`, href: address }]}
      note={`Ticket ${ticket.number}, from ${ticket.requester.name}`}
    >
      <div class="columns">
        <div class="stack">
          <LiveRegion id="conversation" source={address}>
            <Section title="Conversation" action={<TicketState ticket={ticket} />}>
              {messages.length > 0 ? (
                <Conversation messages={messages} now={frame.now} timeZone={timeZone} />
              ) : (
                <p class="quiet">Nothing was said yet.</p>
              )}
            </Section>
          </LiveRegion>
          <ReplyForm {...props} />
        </div>
        <div class="stack">
          {details.requester ? (
            <LiveRegion id="requester" source={address}>
              <div class="stack">
                <WhyNot {...props} />
                <Requester {...props} address={address} />
                <Recoveries {...props} />
              </div>
            </LiveRegion>
          ) : (
            <Requester {...props} address={address} />
          )}
          {props.forms.faults.length > 0 ? (
            <Handling {...props} />
          ) : (
            <LiveRegion id="handling" source={address}>
              <Handling {...props} />
            </LiveRegion>
          )}
        </div>
      </div>
    </Page>
  );
}

function TicketState({ ticket: { id, number, status } }: Pick<TicketDetails, "ticket">): JSX.Element {
  return (
    <News of={id} about={`Ticket ${number}`}>
      <StatusChip status={status} />
    </News>
  );
}

/** What keeps the requester out, with its cure beside it, for as long as the ticket is not closed. */
function WhyNot({ details: { ticket, requester }, frame, timeZone }: TicketPageProps): JSX.Element | null {
  if (!requester || ticket.status === "closed") return null;
  const from = { returnTo: addressOf(ticket), ticketId: ticket.id };
  return <DiagnosisBlock diagnosis={requester.diagnosis} from={from} now={frame.now} timeZone={timeZone} />;
}

function ReplyForm({ details: { ticket }, forms, frame }: TicketPageProps): JSX.Element {
  return (
    <Section title="Reply">
      <form method="post" action={`${addressOf(ticket)}/messages`} class="form" data-draft={frame.person.email}>
        <FormFaults faults={forms.faults.filter(({ field }) => field === "text")} />
        <TextAreaField
          name="text"
          label="Message"
          hint={`It is mailed to ${ticket.requester.email}. That a link was sent is told by itself.`}
          value={forms.text}
          fault={faultOf(forms.faults, "text")}
          rows={4}
          maxlength={4000}
          required
        />
        <div class="form-actions">
          <Button kind="primary" icon="send">
            Reply
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Recoveries({ details, frame, timeZone }: TicketPageProps): JSX.Element | null {
  const { recoveries, timelines } = details;
  if (recoveries.length === 0) return null;
  return (
    <Section title="Access & Recovery">
      <div class="stack">
        {recoveries.map((recovery) => (
          <RecoveryTimeline
            recovery={recovery}
            timeline={timelines.get(recovery.id) ?? []}
            timeZone={timeZone}
            now={frame.now}
          />
        ))}
      </div>
    </Section>
  );
}

/** Only what was changed here is saved: what happened meanwhile is not undone by a form that was open. */
function Handling({ details: { ticket, assignees }, forms, frame, timeZone }: TicketPageProps): JSX.Element {
  const statuses = Object.entries(STATUS_WORDS).map(([value, label]) => ({ value, label }));
  const people = assignees.map(({ id, name }) => ({ value: id, label: name }));
  const assignee = ticket.assigneeId ?? "";
  return (
    <Section title="Ticket">
      <form method="post" action={addressOf(ticket)} class="form" data-draft={frame.person.email}>
        <FormFaults faults={forms.faults.filter(({ field }) => field !== "text" && field !== "account")} />
        <input type="hidden" name="status_before" value={ticket.status} />
        <input type="hidden" name="assignee_before" value={assignee} />
        <input type="hidden" name="external_url_before" value={ticket.externalUrl ?? ""} />
        <SelectField name="status" label="Status" choices={statuses} value={ticket.status} />
        <SelectField
          name="assignee"
          label="Assignee"
          choices={[{ value: "", label: "Nobody" }, ...people]}
          value={assignee}
          fault={faultOf(forms.faults, "assignee")}
        />
        <Field
          name="external_url"
          label="Outside help desk"
          type="url"
          value={forms.externalUrl}
          fault={faultOf(forms.faults, "external_url")}
          hint={ticket.externalUrl ? <OutsideLink url={ticket.externalUrl} /> : undefined}
          maxlength={2000}
        />
        <p class="quiet">
          Opened <ExactTime at={ticket.createdAt} timeZone={timeZone} />
        </p>
        <div class="form-actions">
          <Button>Save</Button>
        </div>
      </form>
    </Section>
  );
}

function OutsideLink({ url }: { readonly url: string }): JSX.Element {
  return (
    <a href={url} rel="noreferrer">
      Open it there
    </a>
  );
}

function addressOf({ number }: Ticket): string {
  return `${TICKETS_ADDRESS}/${number}`;
}
