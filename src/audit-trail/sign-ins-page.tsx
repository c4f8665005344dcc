import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { AuditEvent } from "#audit/audit-event.ts";
import type { PageById } from "#lib/page-by-id.ts";
import { Button } from "#ui/button.tsx";
import { Chip } from "#ui/chip.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { Field } from "#ui/field.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Pager } from "#ui/pager.tsx";
import { SelectField } from "#ui/select-field.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { ExactTime } from "#ui/time.tsx";
import { actWords } from "./act-words.ts";
import { PersonCell } from "./audit-page.tsx";
import { reasonWords } from "./reason-words.ts";

/** What happens at the door. */
export const SIGN_IN_ACTS = [
  "session.create",
  "session.refuse",
  "session.end",
  "user.lock",
  "user.enable_login",
] as const;

const RESULTS = [
  { value: "", label: "All" },
  { value: "session.create", label: "Signed in" },
  { value: "session.refuse", label: "Refused" },
  { value: "session.end", label: "Signed out" },
  { value: "user.lock", label: "Locked" },
] as const;

/** What the page is filtered by, as it stands in the address. */
export interface SignInFilter {
  readonly person: string;
  readonly result: string;
}

interface SignInsPageProps {
  readonly frame: Frame;
  readonly filter: SignInFilter;
  readonly found: PageById<AuditEvent>;
  readonly isFirst: boolean;
  readonly timeZone: string;
}

export const SIGN_INS_ADDRESS = "/settings/sign-in-history";

const CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "Sign-in history", href: SIGN_INS_ADDRESS },
];

/** Who signed in and out, who was refused and why: what strangers are never told. */
export function SignInsPage({ frame, filter, found, isFirst, timeZone }: SignInsPageProps): JSX.Element {
  const { items, nextCursor } = found;
  return (
    <Page frame={frame} title="Sign-in history" breadcrumb={CRUMBS}>
      <div class="stack">
        <FilterForm filter={filter} />
        {items.length > 0 ? (
          <>
            <Table caption="Sign-ins and sign-outs, newest first" columns={columnsIn(timeZone)} rows={items} />
            <Pager
              previous={isFirst ? undefined : addressOf(filter)}
              next={nextCursor === null ? undefined : addressOf(filter, nextCursor)}
              summary={items.length === 1 ? "1 entry shown" : `${items.length} entries shown`}
            />
          </>
        ) : (
          <EmptyState
            icon="history"
            title="Nothing was recorded like this"
            action={<a href={SIGN_INS_ADDRESS}>Show all</a>}
          >
            Take away a part of the filter.
          </EmptyState>
        )}
      </div>
    </Page>
  );
}

function FilterForm({ filter }: { readonly filter: SignInFilter }): JSX.Element {
  return (
    <form method="get" action={SIGN_INS_ADDRESS} class="filter-form" role="search" aria-label="Filter the history">
      <Field
        name="person"
        label="Person"
        value={filter.person}
        hint="Any part of name, address or user name; or a whole user name that nobody has."
        maxlength={200}
      />
      <SelectField name="result" label="Result" choices={[...RESULTS]} value={filter.result} />
      <Button icon="search">Filter</Button>
    </form>
  );
}

function columnsIn(timeZone: string): readonly Column<AuditEvent>[] {
  return [
    { key: "at", label: "When", cell: ({ at }) => <ExactTime at={at} timeZone={timeZone} /> },
    { key: "person", label: "Who", place: "title", wrap: true, cell: (event) => <PersonCell event={event} /> },
    { key: "result", label: "Result", cell: resultChip },
    { key: "reason", label: "Reason", wrap: true, cell: reasonOf },
    { key: "source", label: "From", cell: ({ source_address: source }) => source ?? null },
  ];
}

function resultChip({ action, result }: AuditEvent): Child {
  if (action === "session.create") return <Chip kind="success">Signed in</Chip>;
  if (action === "session.refuse") return <Chip kind="failure">Refused</Chip>;
  if (result === "refused") return <Chip kind="failure">{`${actWords(action)}: refused`}</Chip>;
  return <Chip kind={action === "user.lock" ? "failure" : "info"}>{actWords(action)}</Chip>;
}

/** Who let somebody in again, or signed somebody else out, is worth a name; else why they were refused. */
function reasonOf(event: AuditEvent): string | null {
  const isByAnother = event.action === "user.enable_login" || event.action === "session.end";
  const isWorthName = isByAnother && event.result === "ok" && event.actor_id !== event.target_id;
  return isWorthName ? `By ${event.actor_name}` : reasonWords(event);
}

function addressOf(filter: SignInFilter, cursor?: string): string {
  const parameters = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  if (cursor) parameters.set("cursor", cursor);
  return parameters.size > 0 ? `${SIGN_INS_ADDRESS}?${parameters}` : SIGN_INS_ADDRESS;
}
