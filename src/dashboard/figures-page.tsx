import type { JSX } from "hono/jsx/jsx-runtime";

import { BarChart } from "#ui/bar-chart.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { PersonLink } from "#ui/person.tsx";
import { Section } from "#ui/section.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { type Counted, FIGURES_DAYS, type Figure, type Figures } from "./figures.ts";

const addressOf = (key: string): string => `/figures/${key}`;

/** How it went for who was helped of late; each figure leads to the people behind it. */
export function FiguresSection({ figures: { times, causes } }: { readonly figures: Figures }): JSX.Element {
  const bars = times.map(({ key, label, people }) => ({ label, count: people, href: addressOf(key) }));
  return (
    <Section title={`From the request to the sign-in, last ${FIGURES_DAYS} days`}>
      <div class="stack">
        <BarChart title="How many people got back in within which time" bars={bars} />
        <ul class="figures">
          {causes.map((cause) => (
            <Cause cause={cause} />
          ))}
        </ul>
      </div>
    </Section>
  );
}

function Cause({ cause: { key, label, people } }: { readonly cause: Figure }): JSX.Element {
  return (
    <li>
      <a class="figure" href={addressOf(key)}>
        <span class="figure-number">{people}</span>
        <span>{label}</span>
      </a>
    </li>
  );
}

interface FigurePageProps {
  readonly frame: Frame;
  readonly label: string;
  readonly people: readonly Counted[];
  readonly timeZone: string;
}

/** The people behind one figure. */
export function FigurePage({ frame, label, people, timeZone }: FigurePageProps): JSX.Element {
  const title = `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
  const columns: readonly Column<Counted>[] = [
    {
      key: "name",
      label: "Name and Email",
      place: "title",
      cell: ({ user }) => <PersonLink name={user.name} href={`/settings/users/${user.id}`} note={user.email} />,
    },
    { key: "at", label: "Asked", cell: ({ at }) => <RelativeTime at={at} now={frame.now} timeZone={timeZone} /> },
  ];
  const breadcrumb = [
    { label: "Dashboard", href: "/" },
    { label: title, href: "" },
  ];
  return (
    <Page frame={frame} title={title} breadcrumb={breadcrumb} note={`Within the last ${FIGURES_DAYS} days`}>
      <Section title="People" flush={people.length > 0}>
        {people.length > 0 ? (
          <Table caption={title} columns={columns} rows={people} />
        ) : (
          <EmptyState icon="user-check" title="Nobody">
            This was true of nobody within the last {FIGURES_DAYS} days.
          </EmptyState>
        )}
      </Section>
    </Page>
  );
}
