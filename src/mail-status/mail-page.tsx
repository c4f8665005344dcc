import type { JSX } from "hono/jsx/jsx-runtime";

import { after, HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import type { Finding } from "#mail-doctor/finding.ts";
import { deferralWords, refusalWords } from "#mail-delivery/smtp-answer.ts";
import { Address } from "#ui/address.tsx";
import type { SuppressedAddress } from "#mail-delivery/suppressed-address.ts";
import type { TestMail } from "#settings/send-test-mail.tsx";
import { SenderTest } from "#settings/sender-test.tsx";
import { Button } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import { DetailsList } from "#ui/details-list.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { LiveRegion } from "#ui/live-region.tsx";
import { Section } from "#ui/section.tsx";
import { durationWords, SpreadChart } from "#ui/spread-chart.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { Examination } from "./examination.tsx";
import { type MailStatus, startOfHour } from "./read-mail-status.ts";

const ADDRESS = "/settings/mail";
const CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "Mail", href: ADDRESS },
];
const HOURS = 24;
/** The help centre promises a link "within a few minutes". */
const LIMIT_MS = 3 * MINUTE_MS;

interface MailPageProps {
  readonly frame: Frame;
  readonly status: MailStatus;
  readonly suppressed: readonly SuppressedAddress[];
  readonly testMail: TestMail | undefined;
  readonly timeZone: string;
  /** What an examination that was just asked for has come to. */
  readonly findings?: readonly Finding[] | undefined;
}

/** Says how the mails of the instance fare. */
export function MailPage(props: MailPageProps): JSX.Element {
  const { frame, testMail, suppressed, findings } = props;
  return (
    <Page frame={frame} title="Mail" breadcrumb={CRUMBS}>
      <div class="stack">
        <LiveRegion id="mail-status" source={ADDRESS}>
          <div class="stack">
            <Verdict {...props} />
            <Section title="From the click to the mail server">
              <Speed {...props} />
            </Section>
          </div>
        </LiveRegion>
        <SenderTest frame={frame} testMail={testMail} page={ADDRESS} action={`${ADDRESS}/test`} />
        <Examination findings={findings} />
        <Section title="Addresses that bounced" flush={suppressed.length > 0}>
          <LiveRegion id="suppressed-addresses" source={ADDRESS}>
            <SuppressedAddresses {...props} />
          </LiveRegion>
        </Section>
      </div>
    </Page>
  );
}

/** The first sentence that somebody reads who asks why a mail has not come. */
function Verdict({ status, frame: { now } }: MailPageProps): JSX.Element {
  const { waiting, lastAccepted } = status;
  if (waiting.isSlow && waiting.since)
    return (
      <Callout kind="waiting" title={`${mails(waiting.count)} cannot be handed over`}>
        <p>
          The first was asked for <RelativeTime at={waiting.since} now={now} />.{" "}
          {waiting.because && deferralWords(waiting.because.answer).what} Nothing is lost: they go out when the mail
          server takes them, and the links in them work from then on.
        </p>
        {waiting.because && (
          <p class="quiet">
            {waiting.because.server}: {waiting.because.answer}
          </p>
        )}
      </Callout>
    );
  if (!lastAccepted)
    return (
      <Callout kind="neutral" title="No mail has gone out yet">
        {<p>Send yourself a test below.</p>}
      </Callout>
    );
  return (
    <Callout kind="success" title="Mails are handed over at once">
      <p>
        The last one was taken by {lastAccepted.server} <RelativeTime at={lastAccepted.at} now={now} />
        {waiting.count > 0 && `; ${mails(waiting.count)} on the way`}.
      </p>
    </Callout>
  );
}

function mails(count: number): string {
  return count === 1 ? "1 mail" : `${count} mails`;
}

function Speed({ status, timeZone, frame: { now } }: MailPageProps): JSX.Element {
  const { day, lastBounced } = status;
  return (
    <div class="stack">
      <DetailsList
        items={[
          { label: "Half within", value: day && durationWords(day.p50Ms) },
          { label: "19 of 20 within", value: day && durationWords(day.p95Ms) },
          { label: "Links in 24 hours", value: String(day?.count ?? 0) },
          { label: "Last bounce", value: lastBounced && <RelativeTime at={lastBounced.at} now={now} /> },
        ]}
      />
      {day && <DayChart status={status} timeZone={timeZone} now={now} />}
    </div>
  );
}

function DayChart({ status, timeZone, now }: Pick<MailPageProps, "status" | "timeZone"> & { now: Date }): JSX.Element {
  const starts = Array.from({ length: HOURS }, (_, hour) => after(startOfHour(now), (hour + 1 - HOURS) * HOUR_MS));
  const labels = starts.map((at) => at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }));
  const columns = labels.map((label, hour) => {
    const spread = status.hours.find(({ from }) => from.getTime() === starts[hour]?.getTime());
    return spread && { ...spread, label };
  });
  return (
    <SpreadChart
      title="How long each hour's links took from the click to the mail server over the last 24 hours; the dashed line is at three minutes"
      columns={columns}
      axis={labels.map((label, hour) => (hour % 4 === 0 ? label : undefined))}
      limitMs={LIMIT_MS}
    />
  );
}

function SuppressedAddresses({ suppressed, timeZone, frame: { now } }: MailPageProps): JSX.Element {
  if (suppressed.length === 0)
    return (
      <EmptyState icon="mail-check" title="None">
        An address that does not exist comes here, so that the next click says so instead of sending in vain.
      </EmptyState>
    );
  const columns: readonly Column<SuppressedAddress>[] = [
    {
      key: "address",
      label: "Address",
      place: "title",
      wrap: true,
      cell: ({ address }) => <Address address={address} />,
    },
    {
      key: "reason",
      label: "Why",
      wrap: true,
      cell: ({ answer, server }) => (
        <>
          {refusalWords(answer).what}
          <br />
          <span class="quiet">
            {server}: {answer}
          </span>
        </>
      ),
    },
    {
      key: "at",
      label: "Since",
      cell: ({ suppressed_at: at }) => <RelativeTime at={at} now={now} timeZone={timeZone} />,
    },
    { key: "release", label: "Send again", cell: (each) => <ReleaseForm {...each} /> },
  ];
  return <Table caption="Addresses that bounced" columns={columns} rows={suppressed} />;
}

function ReleaseForm({ id, address }: SuppressedAddress): JSX.Element {
  const action = `${ADDRESS}/suppressed-addresses/${id}/release`;
  return (
    <form method="post" action={action} hx-post={action} hx-swap="none" hx-sync="this:drop">
      <Button label={`Send again to ${address}`}>Send again</Button>
    </form>
  );
}
