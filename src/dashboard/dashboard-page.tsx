import type { JSX } from "hono/jsx/jsx-runtime";

import { Callout } from "#ui/callout.tsx";
import { Chip } from "#ui/chip.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { PersonLink } from "#ui/person.tsx";
import { Section } from "#ui/section.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { APPROVALS_ADDRESS } from "#user-management/approvals-page.tsx";
import type { Figures } from "./figures.ts";
import { FiguresSection } from "./figures-page.tsx";
import type { Overview, Waiting } from "./read-overview.ts";

interface DashboardProps {
  readonly frame: Frame;
  readonly overview: Overview;
  readonly figures: Figures | undefined;
  readonly timeZone: string;
}

/** Who is waiting to get back in, since when, and what is in the way, the most urgent first. */
export function DashboardPage({ frame, overview, figures, timeZone }: DashboardProps): JSX.Element {
  return (
    <Page frame={frame} title="Dashboard" breadcrumb={[{ label: "Dashboard", href: "/" }]}>
      <div class="stack">
        <LiveRegion id="waiting" source="/">
          <div class="stack">
            {overview.approvals > 0 && <ApprovalsCallout count={overview.approvals} />}
            <Section title="Waiting to get back in" flush={overview.waiting.length > 0}>
              {overview.waiting.length > 0 ? (
                <WaitingTable frame={frame} waiting={overview.waiting} timeZone={timeZone} />
              ) : (
                <EmptyState
                  icon="user-check"
                  title="Everybody is in"
                  action={<a href="/settings/users">Manage Users</a>}
                >
                  When somebody is sent a reset link, this says whether they got back in.
                </EmptyState>
              )}
            </Section>
          </div>
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

function ApprovalsCallout({ count }: { readonly count: number }): JSX.Element {
  return (
    <Callout kind="waiting" title={count === 1 ? "1 request waits" : `${count} requests wait`}>
      <p>
        For a second administrator, who may be you: <a href={APPROVALS_ADDRESS}>Approvals</a>.
      </p>
    </Callout>
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
      cell: ({ name, email, href }) => <PersonLink name={name} href={href} note={email} />,
    },
    {
      key: "since",
      label: "Since",
      cell: ({ since }) => <RelativeTime at={since} now={frame.now} timeZone={timeZone} />,
    },
    {
      key: "obstacle",
      label: "What is in the way",
      wrap: true,
      cell: ({ obstacle: { kind, words } }) => <Chip kind={kind}>{words}</Chip>,
    },
  ];
  return <Table caption="People who are waiting to get back in" columns={columns} rows={waiting} />;
}
