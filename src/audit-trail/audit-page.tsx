import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { AuditEvent } from "#audit/audit-event.ts";
import type { Head } from "#audit-seals/seal.ts";
import { Button } from "#ui/button.tsx";
import { Chip } from "#ui/chip.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Field } from "#ui/field.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Pager } from "#ui/pager.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { ExactTime } from "#ui/time.tsx";
import { ACT_WORDS, actWords } from "./act-words.ts";
import { reasonWords } from "./reason-words.ts";

/** What the page is filtered by, as it stands in the address. */
export interface AuditFilter {
  readonly person: string;
  readonly action: string;
  readonly from: string;
  readonly to: string;
}

interface AuditPageProps {
  readonly frame: Frame;
  readonly filter: AuditFilter;
  readonly events: readonly AuditEvent[];
  readonly nextCursor: string | null;
  readonly isFirst: boolean;
  readonly head: Head | undefined;
  readonly timeZone: string;
}

const ADDRESS = "/settings/audit";
const CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "Audit", href: ADDRESS },
];

/** The record of who did what to whom, when, from where, and with what result. Nobody can change it. */
export function AuditPage(props: AuditPageProps): JSX.Element {
  const { frame, filter, events, nextCursor, isFirst, head, timeZone } = props;
  return (
    <Page frame={frame} title="Audit" breadcrumb={CRUMBS} action={<ExportForm filter={filter} />}>
      <div class="stack">
        <FilterForm filter={filter} />
        {events.length > 0 ? (
          <>
            <Table caption="The record, newest first" columns={columnsIn(timeZone)} rows={events} />
            <Pager
              previous={isFirst ? undefined : addressOf(ADDRESS, filter)}
              next={nextCursor === null ? undefined : addressOf(ADDRESS, filter, nextCursor)}
              summary={events.length === 1 ? "1 act shown" : `${events.length} acts shown`}
            />
          </>
        ) : (
          <EmptyState icon="history" title="Nothing was recorded like this" action={<a href={ADDRESS}>Show all</a>}>
            Take away a part of the filter.
          </EmptyState>
        )}
        {head && <SealedUpTo head={head} timeZone={timeZone} />}
      </div>
    </Page>
  );
}

/** Says that the record can be checked, and by what. */
function SealedUpTo({ head, timeZone }: { readonly head: Head; readonly timeZone: string }): JSX.Element {
  return (
    <p class="quiet">
      Sealed up to number {head.number}, <ExactTime at={head.sealedAt} timeZone={timeZone} />. Whoever runs Rekey
      verifies the record with <code>npm run rekey -- audit verify</code>.
    </p>
  );
}

/** Taking the record away is recorded, so it is no link that something could follow by itself. */
function ExportForm({ filter }: { readonly filter: AuditFilter }): JSX.Element {
  return (
    <form method="post" action={`${ADDRESS}.csv`}>
      {Object.entries(filter).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button icon="download">Export CSV</Button>
    </form>
  );
}

function FilterForm({ filter }: { readonly filter: AuditFilter }): JSX.Element {
  const acts = Object.entries(ACT_WORDS).map(([value, label]) => ({ value, label }));
  return (
    <form method="get" action={ADDRESS} class="filter-form" role="search" aria-label="Filter the record">
      <Field name="person" label="Person" value={filter.person} hint="Who acted or was acted upon." maxlength={200} />
      <SelectField name="action" label="Act" choices={[{ value: "", label: "All" }, ...acts]} value={filter.action} />
      <Field name="from" label="From" type="date" value={filter.from} />
      <Field name="to" label="Up to and with" type="date" value={filter.to} />
      <Button icon="search">Filter</Button>
    </form>
  );
}

function columnsIn(timeZone: string): readonly Column<AuditEvent>[] {
  return [
    { key: "at", label: "When", cell: ({ at }) => <ExactTime at={at} timeZone={timeZone} /> },
    { key: "action", label: "What", place: "title", cell: ({ action }) => actWords(action) },
    { key: "actor", label: "By", wrap: true, cell: (event) => event.actor_name },
    { key: "target", label: "To", wrap: true, cell: (event) => <PersonCell event={event} /> },
    {
      key: "result",
      label: "Result",
      cell: ({ result }) => (result === "ok" ? "Done" : <Chip kind="failure">Refused</Chip>),
    },
    { key: "reason", label: "Reason", wrap: true, cell: reasonWords },
    { key: "source", label: "From", cell: ({ source_address: source }) => source ?? null },
  ];
}

/** Who it was done to, with the way to their profile. */
export function PersonCell({ event }: { readonly event: AuditEvent }): Child {
  const { target_type: type, target_id: id, target_name: name } = event;
  return type === "user" && id !== null ? <a href={`/settings/users/${id}`}>{name || id}</a> : name || null;
}

function addressOf(path: string, filter: AuditFilter, cursor?: string): string {
  const parameters = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  if (cursor) parameters.set("cursor", cursor);
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}
