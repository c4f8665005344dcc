import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { UserElsewhere } from "#other-instances/find-user-elsewhere.ts";
import { ButtonLink, RefusedButtons } from "#ui/button.tsx";
import { Chip } from "#ui/chip.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { Pager } from "#ui/pager.tsx";
import { PanelLink } from "#ui/panel.tsx";
import { PersonLink } from "#ui/person.tsx";
import { SearchBox } from "#ui/search-box.tsx";
import { Switch } from "#ui/switch.tsx";
import { type Column, type Sort, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { ROLES } from "#users/roles.ts";
import { AccessChip } from "./access-chip.tsx";
import { Elsewhere } from "./elsewhere.tsx";
import type { UserPage, UserQuery, UserSort } from "./list-users.ts";

export const USERS_CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "Manage Users", href: "/settings/users" },
];

interface UsersPageProps {
  readonly frame: Frame;
  readonly query: UserQuery;
  readonly page: UserPage;
  /** Who goes by the address that was searched in vain. */
  readonly elsewhere: readonly UserElsewhere[];
  readonly timeZone: string;
  /** Which role is needed, where the acting person may not edit users. */
  readonly whyNotEdit: string | undefined;
}

type Row = UserPage["items"][number];

/** Manage Users: everybody with an account, active and inactive. */
export function UsersPage({ frame, query, page, elsewhere, timeZone, whyNotEdit }: UsersPageProps): JSX.Element {
  const kept = { status: query.status, sort: sortWord(query) };
  return (
    <Page
      frame={frame}
      title="Manage Users"
      breadcrumb={USERS_CRUMBS}
      action={
        <>
          <SearchBox action="/settings/users" label="Search users" value={query.q} fields={kept} />
          <NewUsers whyNot={whyNotEdit} />
        </>
      }
    >
      <LiveRegion id="list" source={addressOf(query, { cursor: query.cursor })} summary={summaryOf(page)}>
        <StatusSwitch query={query} counts={page.counts} />
        {page.items.length > 0 ? (
          <UserTable frame={frame} query={query} page={page} timeZone={timeZone} />
        ) : (
          <NobodyFound query={query} elsewhere={elsewhere} here={frame.instance.name} />
        )}
      </LiveRegion>
    </Page>
  );
}

function NewUsers({ whyNot }: { readonly whyNot: string | undefined }): JSX.Element {
  if (whyNot !== undefined) {
    const buttons = [{ icon: "upload", label: "Import" } as const, { icon: "user-plus", label: "New User" } as const];
    return <RefusedButtons id="new-users" reason={whyNot} buttons={buttons} />;
  }
  return (
    <>
      <ButtonLink icon="upload" href="/settings/users/import">
        Import
      </ButtonLink>
      <ButtonLink kind="primary" icon="user-plus" href="/settings/users/new">
        New User
      </ButtonLink>
    </>
  );
}

function StatusSwitch({ query, counts }: { query: UserQuery; counts: UserPage["counts"] }): JSX.Element {
  const item = (label: string, status: UserQuery["status"], count: number) => ({
    label,
    count,
    href: addressOf(query, { status }),
    current: query.status === status,
  });
  const items = [
    item("All", "all", counts.all),
    item("Active Users", "active", counts.active),
    item("Inactive Users", "inactive", counts.inactive),
  ];
  return <Switch label="Which users" items={items} />;
}

type TableProps = Pick<UsersPageProps, "frame" | "query" | "page" | "timeZone">;

function UserTable(props: TableProps): JSX.Element {
  const { frame, query, page } = props;
  return (
    <>
      <Table caption={`Users of ${frame.instance.name}`} columns={columnsOf(props)} rows={page.items} />
      <Pager
        previous={page.previousCursor ? addressOf(query, { cursor: page.previousCursor }) : undefined}
        next={page.nextCursor ? addressOf(query, { cursor: page.nextCursor }) : undefined}
        summary={summaryOf(page)}
      />
    </>
  );
}

function columnsOf({ frame, query, timeZone }: TableProps): readonly Column<Row>[] {
  const { now } = frame;
  return [
    {
      key: "information",
      label: "Information",
      place: "lead",
      cell: ({ user }) => (
        <PanelLink
          id={`information-${user.id}`}
          href={`/settings/users/${user.id}`}
          source={`/settings/users/${user.id}/panel`}
          label={`Information about ${user.name}`}
        />
      ),
    },
    {
      key: "name",
      label: "Name and Email",
      place: "title",
      sort: sortBy(query, "name"),
      cell: ({ user }) => <PersonLink name={user.name} href={`/settings/users/${user.id}`} note={user.email} />,
    },
    { key: "role", label: "Role", sort: sortBy(query, "role"), cell: ({ user }) => ROLES[user.role].label },
    {
      key: "username",
      label: "User Name",
      wrap: "word",
      sort: sortBy(query, "username"),
      cell: ({ user }) => user.username,
    },
    { key: "status", label: "Status", cell: ({ user }) => <StatusWord status={user.status} /> },
    {
      key: "last_sign_in_at",
      label: "Last sign-in",
      sort: sortBy(query, "last_sign_in_at"),
      cell: ({ user }) =>
        user.lastSignInAt ? <RelativeTime at={user.lastSignInAt} now={now} timeZone={timeZone} /> : <Never />,
    },
    {
      key: "access",
      label: "Access",
      cell: ({ user, access }) => <AccessChip user={user} access={access} now={now} timeZone={timeZone} />,
    },
  ];
}

/** Active is the rule and needs no mark. */
function StatusWord({ status }: { readonly status: "active" | "inactive" }): Child {
  return status === "active" ? (
    "Active"
  ) : (
    <Chip kind="neutral" icon="ban">
      Inactive
    </Chip>
  );
}

interface NobodyFoundProps extends Pick<UsersPageProps, "query" | "elsewhere"> {
  readonly here: string;
}

function Never(): JSX.Element {
  return <span class="quiet">Never</span>;
}

function NobodyFound({ query, elsewhere, here }: NobodyFoundProps): JSX.Element {
  if (!query.q) return <EmptyState icon="users" title="Nobody here" />;
  if (elsewhere.length > 0)
    return (
      <EmptyState icon="search" title={`Nobody at ${here} goes by “${query.q}”`}>
        <Elsewhere users={elsewhere} />
      </EmptyState>
    );
  return (
    <EmptyState
      icon="search"
      title={`Nobody goes by “${query.q}”`}
      action={<a href={addressOf(query, { q: "" })}>Show all users</a>}
    >
      Check the spelling, or look under All. If this is the wrong company’s CRM, the name at the top left says which one
      it is.
    </EmptyState>
  );
}

function summaryOf({ items, counts }: UserPage): string {
  return items.length === 1 ? `1 user shown of ${counts.all}` : `${items.length} users shown of ${counts.all}`;
}

/** Sorts by the column, the other way round when it is sorted by already; what is most recent comes first. */
function sortBy(query: UserQuery, sort: UserSort): Sort {
  const isCurrent = query.sort === sort;
  const descending = isCurrent ? !query.descending : sort === "last_sign_in_at";
  const direction = query.descending ? "descending" : "ascending";
  return { href: addressOf(query, { sort, descending }), direction: isCurrent ? direction : undefined };
}

function sortWord({ sort, descending }: Pick<UserQuery, "sort" | "descending">): string {
  return descending ? `-${sort}` : sort;
}

/** @returns the address of the list with this changed; a page within it is left unless a cursor is given. */
function addressOf(query: UserQuery, change: Partial<UserQuery>): string {
  const { status, q, cursor, ...order } = { ...query, cursor: undefined, ...change };
  const parameters = new URLSearchParams({ status, sort: sortWord(order) });
  if (q) parameters.set("q", q);
  if (cursor) parameters.set("cursor", cursor);
  return `/settings/users?${parameters}`;
}
