import type { JSX } from "hono/jsx/jsx-runtime";

import { Button, ButtonLink, RefusedButtons } from "#ui/button.tsx";
import { Callout } from "#ui/callout.tsx";
import type { StateKind } from "#ui/chip.tsx";
import { Section } from "#ui/section.tsx";
import { RelativeTime } from "#ui/time.tsx";
import type { ActedFrom } from "./acted-from.tsx";
import type { Cause, CauseCode } from "./cause.ts";
import { causeWords } from "./cause-words.ts";
import type { Diagnosis } from "./diagnose.ts";
import { atOnce, ENTRIES, pageOf } from "./entries.ts";

interface DiagnosisProps {
  readonly diagnosis: Diagnosis;
  readonly timeZone: string;
  readonly now: Date;
}

interface BlockProps extends DiagnosisProps {
  /** The page on which it stands. */
  readonly from: ActedFrom;
}

type CauseProps = BlockProps & { readonly cause: Cause; readonly id: string };

/** Where nothing is known to be in the way. */
const NO_CAUSES: ReadonlySet<CauseCode> = new Set(["signed_in", "not_tried_again", "no_recent_attempt"]);

/** What only waits for somebody is amber, what nobody can get past is red. */
const KINDS: Readonly<Partial<Record<CauseCode, StateKind>>> = {
  frozen: "failure",
  locked: "failure",
  mail_bounced: "failure",
  mail_refused: "failure",
  address_suppressed: "failure",
  never_accepted: "info",
  mail_on_its_way: "info",
  link_unopened: "info",
  link_opened: "info",
  must_change_password: "info",
  wrong_user_name: "info",
  wrong_instance: "info",
};

/** Why a person cannot sign in: the true cause in plain words, whatever else is known beneath, each with its cure beside it. */
export function DiagnosisBlock(props: BlockProps): JSX.Element {
  const { user, causes } = props.diagnosis;
  const [first, ...others] = causes;
  if (NO_CAUSES.has(first.code))
    return (
      <Section title={`Can ${user.firstName} sign in?`}>
        <ul class="plain-list">
          <CauseRow {...props} cause={first} id="cause-1" />
        </ul>
      </Section>
    );
  return (
    <Section title={`Why can’t ${user.firstName} sign in?`}>
      <div class="stack">
        <FirstCause {...props} cause={first} id="cause-1" />
        {others.length > 0 && (
          <ul class="plain-list causes" aria-label="What else is known">
            {others.map((cause, index) => (
              <CauseRow {...props} cause={cause} id={`cause-${index + 2}`} />
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}

/** The cause alone, beside a list of actions that holds its cure; nothing where nothing is in the way. */
export function CauseInBrief({ diagnosis, timeZone, now }: DiagnosisProps): JSX.Element | null {
  const { user, here, causes } = diagnosis;
  const [cause] = causes;
  if (NO_CAUSES.has(cause.code)) return null;
  const { title, detail } = causeWords(cause, { user, here, now, timeZone });
  return (
    <Callout kind={KINDS[cause.code] ?? "waiting"} title={title}>
      <p>{detail}</p>
    </Callout>
  );
}

function FirstCause(props: CauseProps): JSX.Element {
  const { cause, diagnosis, now, timeZone } = props;
  const { detail } = causeWords(cause, { ...diagnosis, now, timeZone });
  return (
    <Callout kind={KINDS[cause.code] ?? "waiting"} title={<CauseTitle {...props} />}>
      <p>{detail}</p>
      <Fix {...props} />
    </Callout>
  );
}

function CauseRow(props: CauseProps): JSX.Element {
  const { cause, diagnosis, now, timeZone } = props;
  const { detail } = causeWords(cause, { ...diagnosis, now, timeZone });
  return (
    <li class="cause">
      <div class="cause-words">
        <p class="cause-title">
          <CauseTitle {...props} />
        </p>
        <p class="quiet">{detail}</p>
      </div>
      <Fix {...props} />
    </li>
  );
}

/** What comes between a cause and its time, where the time is not simply when the cause was last seen. */
const BEFORE_TIME: Readonly<Partial<Record<CauseCode, string>>> = {
  signed_in: " ",
  no_recent_attempt: "; last signed in ",
};

function CauseTitle({ cause, diagnosis, now, timeZone }: CauseProps): JSX.Element {
  const { title } = causeWords(cause, { ...diagnosis, now, timeZone });
  if (!cause.since) return <>{title}</>;
  return (
    <>
      {title}
      <span class="cause-time">
        {BEFORE_TIME[cause.code] ?? " · "}
        <RelativeTime at={cause.since} now={now} timeZone={timeZone} />
      </span>
    </>
  );
}

/** The action that cures the cause, as More has it; for who may not, why and who may. */
function Fix({ cause: { fix }, id, diagnosis, from }: CauseProps): JSX.Element | null {
  if (fix === null) return null;
  const { actions, ...on } = diagnosis;
  const { label, opensDialog = true } = ENTRIES[fix];
  const { reason } = actions[fix];
  if (reason !== null) return <RefusedButtons id={id} reason={reason} buttons={[{ label }]} />;
  const immediate = atOnce(fix, { ...on, from });
  if (!immediate)
    return (
      <ButtonLink href={pageOf(fix, { ...on, from })} opensDialogAs={opensDialog ? id : undefined}>
        {label}
      </ButtonLink>
    );
  const { action, fields = {} } = immediate;
  return (
    <form method="post" action={action} hx-post={action} hx-swap="none" hx-sync="this:drop">
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <Button>{label}</Button>
    </form>
  );
}
