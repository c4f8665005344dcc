import type { JSX } from "hono/jsx/jsx-runtime";

import type { TicketPage, TicketQuery, TicketView } from "#tickets/list-tickets.ts";
import { ButtonLink } from "#ui/button.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { Pager } from "#ui/pager.tsx";
import { SearchBox } from "#ui/search-box.tsx";
import { Switch } from "#ui/switch.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { StatusChip } from "./status-chip.tsx";

export const TICKETS_ADDRESS = "/tickets";
export const TICKETS_CRUMBS = [{ label: "Tickets", href: TICKETS_ADDRESS }];

interface TicketsPageProps {
  readonly frame: Frame;
  readonly query: TicketQuery<TicketView>;
  readonly page: TicketPage;
  readonly timeZone: string;
}

type Row = TicketPage["items"][number];

/** Who asked for help, and whose turn it is; what last happened first. */
export function TicketsPage({ frame, query, page, timeZone }: TicketsPageProps): JSX.Element {
  return (
    <Page
      frame={frame}
      title="Tickets"
      breadcrumb={TICKETS_CRUMBS}
      action={
        <>
          <SearchBox action={TICKETS_ADDRESS} label="Search tickets" value={query.q} fields={{ view: query.view }} />
          <ButtonLink kind="primary" icon="plus" href={`${TICKETS_ADDRESS}/new`}>
            New Ticket
          </ButtonLink>
        </>
      }
    >
      <LiveRegion id="list" source={addressOf(query, { cursor: query.cursor })} summary={summaryOf(page)}>
        <ViewSwitch query={query} counts={page.counts} />
        {page.items.length > 0 ? (
          <>
            <Table
              caption={`Tickets of ${frame.instance.name}`}
              columns={columnsIn(frame.now, timeZone)}
              rows={page.items}
            />
            <Pager
              previous={query.cursor ? addressOf(query, {}) : undefined}
              next={page.nextCursor ? addressOf(query, { cursor: page.nextCursor }) : undefined}
              summary={summaryOf(page)}
            />
          </>
        ) : (
          <NothingFound query={query} />
        )}
      </LiveRegion>
    </Page>
  );
}

function ViewSwitch({ query, counts }: { query: TicketQuery<TicketView>; counts: TicketPage["counts"] }): JSX.Element {
  const item = (label: string, view: Exclude<TicketView, "all">) => ({
    label,
    count: counts[view],
    href: addressOf(query, { view }),
    current: query.view === view,
  });
  const items = [item("Open", "open"), item("Waiting for user", "waiting_for_user"), item("Done", "done")];
  return <Switch label="Which tickets" items={items} />;
}

function columnsIn(now: Date, timeZone: string): readonly Column<Row>[] {
  return [
    { key: "number", label: "Number", cell: ({ ticket }) => `#${ticket.number}` },
    {
      key: "subject",
      label: "Subject",
      place: "title",
      wrap: true,
      cell: ({ ticket }) => <a href={`${TICKETS_ADDRESS}/${ticket.number}`}>{ticket.subject}</a>,
    },
    { key: "requester", label: "Requester", wrap: true, cell: ({ ticket }) => ticket.requester.name },
    { key: "status", label: "Status", cell: ({ ticket }) => <StatusChip status={ticket.status} /> },
    { key: "assignee", label: "Assignee", cell: ({ assignee }) => assignee?.name ?? null },
    {
      key: "updated_at",
      label: "Last activity",
      cell: ({ ticket }) => <RelativeTime at={ticket.updatedAt} now={now} timeZone={timeZone} />,
    },
  ];
}

const EMPTY: Readonly<Record<TicketView, { title: string; text: string }>> = {
  open: { title: "Nothing is open", text: "Whoever asks for help on the sign-in page shows up here." },
  waiting_for_user: {
    title: "Nobody is waited for",
    text: "A ticket waits here once a link was sent in it, until the person has signed in.",
  },
  done: { title: "Nothing is done yet", text: "The first sign-in after a link closes its ticket." },
  all: { title: "No tickets", text: "Whoever asks for help on the sign-in page shows up here." },
};

function NothingFound({ query }: { readonly query: TicketQuery<TicketView> }): JSX.Element {
  if (query.q)
    return (
      <EmptyState
        icon="search"
        title={`Nothing here goes by “${query.q}”`}
        action={<a href={addressOf(query, { q: undefined })}>Show all of them</a>}
      >
        Search by number, subject, name or address; and look under the other tabs.
      </EmptyState>
    );
  const { title, text } = EMPTY[query.view];
  return (
    <EmptyState icon="ticket" title={title}>
      {text}
    </EmptyState>
  );
}

function summaryOf({ items }: TicketPage): string {
  return items.length === 1 ? "1 ticket shown" : `${items.length} tickets shown`;
}

/** @returns the address of the list with this changed; a page within it is left unless a cursor is given. */
function addressOf(query: TicketQuery<TicketView>, change: Partial<TicketQuery>): string {
  const { view, q, cursor } = { ...query, cursor: undefined, ...change };
  const parameters = new URLSearchParams({ view });
  if (q) parameters.set("q", q);
  if (cursor) parameters.set("cursor", cursor);
  return `${TICKETS_ADDRESS}?${parameters}`;
}
