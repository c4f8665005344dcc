import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import type { TemporaryPasswordSet } from "#recovery/set-temporary-password.ts";
import { VERIFICATION_METHODS } from "#recovery/verification.ts";
import { Button, RefusedButtons } from "#ui/button.tsx";
import { Chip, type StateKind } from "#ui/chip.tsx";
import { DetailsList } from "#ui/details-list.tsx";
import { EmptyState } from "#ui/empty-state.tsx";
import { type Frame, Page } from "#ui/layout.tsx";
import { Section } from "#ui/section.tsx";
import { type Column, Table } from "#ui/table.tsx";
import { RelativeTime } from "#ui/time.tsx";
import { PasswordChanged } from "./change-password-dialog.tsx";
import { APPROVAL_WORDS, type ShownApproval } from "./decide-approval.ts";

export const APPROVALS_ADDRESS = "/settings/approvals";

const CRUMBS = [
  { label: "Settings", href: "/settings" },
  { label: "CRM Settings", href: "/settings" },
  { label: "Approvals", href: APPROVALS_ADDRESS },
];

const STATES: Readonly<Record<ShownApproval["approval"]["state"], { kind: StateKind; words: string }>> = {
  waiting: { kind: "waiting", words: "Waiting" },
  approved: { kind: "success", words: "Approved" },
  refused: { kind: "neutral", words: "Refused" },
  failed: { kind: "failure", words: "Approved, could not be done" },
  expired: { kind: "neutral", words: "Nobody decided within a day" },
  replaced: { kind: "neutral", words: "Asked for again, with changes" },
};

interface ApprovalsPageProps {
  readonly frame: Frame;
  readonly approvals: readonly ShownApproval[];
  readonly timeZone: string;
  /** Just made by an approval; shown this once. */
  readonly made?:
    | { readonly set: TemporaryPasswordSet; readonly instance: { name: string; origin: string } }
    | undefined;
}

/** What waits for a second administrator, and what was decided of late. */
export function ApprovalsPage({ frame, approvals, timeZone, made }: ApprovalsPageProps): JSX.Element {
  const waiting = approvals.filter(({ approval }) => approval.state === "waiting");
  const decided = approvals.filter(({ approval }) => approval.state !== "waiting");
  const times = { now: frame.now, timeZone };
  return (
    <Page frame={frame} title="Approvals" breadcrumb={CRUMBS}>
      <div class="stack settings-form">
        {made && (
          <Section title={`Temporary password of ${made.set.user.name}`}>
            <PasswordChanged set={made.set} instance={made.instance} timeZone={timeZone} />
          </Section>
        )}
        {waiting.map((each) => (
          <Waiting {...each} {...times} />
        ))}
        {waiting.length === 0 && (
          <EmptyState icon="shield-check" title="Nothing waits">
            Taking over somebody who administers, and a link to an address that was changed within the last day, need a
            second administrator. What was asked for shows up here.
          </EmptyState>
        )}
        {decided.length > 0 && (
          <Section title="Decided of late" flush>
            <Table caption="Approvals that were decided" columns={columnsWith(times)} rows={decided} />
          </Section>
        )}
      </div>
    </Page>
  );
}

interface Times {
  readonly now: Date;
  readonly timeZone: string;
}

function Waiting({ approval, user, requester, whyNot, now, timeZone }: ShownApproval & Times): JSX.Element {
  const { email, reason, verification } = approval.input;
  const checked =
    verification && `${VERIFICATION_METHODS[verification.method]}${verification.note ? `: ${verification.note}` : ""}`;
  return (
    <Section title={APPROVAL_WORDS[approval.act]}>
      <div class="form">
        <DetailsList
          items={[
            { label: "For", value: <a href={`/settings/users/${user.id}`}>{user.name}</a> },
            { label: "Address", value: user.email },
            ...(email ? [{ label: "New address", value: email }] : []),
            { label: "Asked for by", value: requester.name },
            { label: "When", value: <RelativeTime at={approval.requestedAt} now={now} timeZone={timeZone} /> },
            ...(checked ? [{ label: "Made sure by", value: checked }] : []),
            ...(reason ? [{ label: "Reason", value: reason }] : []),
          ]}
        />
        <div class="form-actions">
          {whyNot === undefined ? (
            <Decision id={approval.id} what="approve" kind="primary" label="Approve" name={user.name} />
          ) : (
            <RefusedButtons id={`approve-${approval.id}`} reason={whyNot} buttons={[{ label: "Approve" }]} />
          )}
          <Decision id={approval.id} what="refuse" kind="plain" label="Refuse" name={user.name} />
        </div>
      </div>
    </Section>
  );
}

function Decision(props: {
  readonly id: string;
  readonly what: "approve" | "refuse";
  readonly kind: "primary" | "plain";
  readonly label: string;
  readonly name: string;
}): JSX.Element {
  const { id, what, kind, label, name } = props;
  return (
    <form method="post" action={`${APPROVALS_ADDRESS}/${id}/${what}`}>
      <Button kind={kind} label={`${label} for ${name}`}>
        {label}
      </Button>
    </form>
  );
}

function columnsWith({ now, timeZone }: Times): readonly Column<ShownApproval>[] {
  return [
    { key: "what", label: "What", place: "title", wrap: true, cell: whatOf },
    { key: "for", label: "For", cell: ({ user }) => <a href={`/settings/users/${user.id}`}>{user.name}</a> },
    { key: "by", label: "Asked for by", cell: ({ requester }) => requester.name },
    { key: "state", label: "Result", wrap: true, cell: stateOf },
    { key: "decider", label: "By", cell: ({ decider }) => decider?.name ?? null },
    {
      key: "when",
      label: "When",
      cell: ({ approval: { decidedAt, expiresAt } }) => (
        <RelativeTime at={decidedAt ?? expiresAt} now={now} timeZone={timeZone} />
      ),
    },
  ];
}

function whatOf({ approval: { act, input } }: ShownApproval): Child {
  const address = input.email ?? input.sentTo;
  return address === undefined ? APPROVAL_WORDS[act] : `${APPROVAL_WORDS[act]}: ${address}`;
}

function stateOf({ approval }: ShownApproval): Child {
  const { kind, words } = STATES[approval.state];
  return <Chip kind={kind}>{words}</Chip>;
}
