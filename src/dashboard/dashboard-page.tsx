import type { JSX } from "hono/jsx/jsx-runtime";

import { Chip, type StateKind } from "#ui/chip.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { PersonLink } from "#ui/person.tsx";
import { Section } from "#ui/section.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import type { RecoveryState } from "#recovery/recovery.ts";
import type { Figures } from "./figures.ts";
import { FiguresSection } from "./figures-page.tsx";
import type { Overview, Waiting } from "./read-overview.ts";

/** What keeps somebody out, in the administrator's words. */
const OBSTACLES: Readonly<Record<RecoveryState, { kind: StateKind; words: string }>> = {
  queued: { kind: "waiting", words: "Mail not accepted yet" },
  sent: { kind: "info", words: "Link not used yet" },
  bounced: { kind: "failure", words: "Mail bounced" },
  failed: { kind: "failure", words: "Mail refused" },
  completed: { kind: "waiting", words: "Password set, not signed in" },
  expired: { kind: "waiting", words: "Link expired unused" },
  revoked: { kind: "neutral", words: "Revoked" },
};

/** The same where there is no mail and no link. */
const TEMPORARY_PASSWORD_OBSTACLES: typeof OBSTACLES = {
  ...OBSTACLES,
  sent: { kind: "info", words: "Temporary password not used yet" },
  expired: { kind: "waiting", words: "Temporary password expired" },
};

interface DashboardProps {
  readonly frame: Frame;
  readonly overview: Overview;
  readonly figures: Figures | undefined;
  readonly timeZone: string;
}

/** Who is waiting to get back in, since when, and what is in the way. */
export function DashboardPage({ frame, overview, figures, timeZone }: DashboardProps): JSX.Element {
  return (
    <Page frame={frame} title="Dashboard" breadcrumb={[{ label: "Dashboard", href: "/" }]}>
      <div class="stack">
        <LiveRegion id="waiting" source="/">
          <Section title="Waiting to get back in" flush={overview.waiting.length > 0}>
            {overview.waiting.length > 0 ? (
              <WaitingTable frame={frame} waiting={overview.waiting} timeZone={timeZone} />
            ) : (
              <EmptyState icon="user-check" title="Everybody is in" action={<a href="/settings/users">Manage Users</a>}>
                When somebody is sent a reset link, this says whether they got back in.
              </EmptyState>
            )}
          </Section>
        </LiveRegion>
        {figures && <FiguresSection figures={figures} />}
        <p class="quiet">
          {overview.counts.active} active and {overview.counts.inactive} inactive users in{" "}
          <a href="/settings/users">Manage Users</a>.
        </p>
      </div>
    </Page>
  );
}

function WaitingTable({
  frame,
  waiting,
  timeZone,
}: {
  frame: Frame;
  waiting: readonly Waiting[];
  timeZone: string;
}): JSX.Element {
  const columns: readonly Column<Waiting>[] = [
    {
      key: "name",
      label: "Name and Email",
      place: "title",
      cell: ({ user }) => <PersonLink name={user.name} href={`/settings/users/${user.id}`} note={user.email} />,
    },
    {
      key: "since",
      label: "Since",
      cell: ({ recovery }) => <RelativeTime at={recovery.requestedAt} now={frame.now} timeZone={timeZone} />,
    },
    {
      key: "obstacle",
      label: "What is in the way",
      wrap: true,
      cell: ({ user, recovery, state }) => {
        if (user.frozenAt) return <Chip kind="failure">Frozen: “This was not me”</Chip>;
        const obstacles = recovery.method === "temporary_password" ? TEMPORARY_PASSWORD_OBSTACLES : OBSTACLES;
        return <Chip kind={obstacles[state].kind}>{obstacles[state].words}</Chip>;
      },
    },
  ];
  return <Table caption="People who are waiting to get back in" columns={columns} rows={waiting} />;
}
