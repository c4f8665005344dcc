import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";

import { type AnswerWords, deferralWords, refusalWords } from "#mail-delivery/smtp-answer.ts";
import type { RecoveryEventName } from "#platform/database/tables.ts";
import { endOf, isLive, type Recovery, stateOf } from "#recovery/recovery.ts";
import type { TimelineEvent } from "#recovery/timeline.ts";
import { Button } from "#ui/button.tsx";
import type { StateKind } from "#ui/chip.tsx";
import type { IconName } from "#ui/icon.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { Timeline, type TimelineEvent as TimelineRow } from "#ui/timeline.tsx";

interface RecoveryTimelineProps {
  readonly recovery: Recovery;
  readonly timeline: readonly TimelineEvent[];
  readonly timeZone: string;
  readonly now: Date;
  /** Offers to revoke it while it is live. */
  readonly mayRevoke?: boolean | undefined;
}

interface EventWords {
  readonly kind: StateKind;
  readonly word: string;
  readonly icon?: IconName;
}

/** How each event reads for an administrator. */
const WORDS: Readonly<Record<RecoveryEventName, EventWords>> = {
  requested: { kind: "info", word: "Requested", icon: "send" },
  queued: { kind: "info", word: "Mail queued", icon: "clock" },
  accepted: { kind: "success", word: "Accepted by the mail server", icon: "mail-check" },
  deferred: { kind: "waiting", word: "Put off", icon: "clock" },
  bounced: { kind: "failure", word: "Bounced", icon: "mail-x" },
  opened: { kind: "info", word: "Link opened", icon: "mail-open" },
  completed: { kind: "success", word: "New password set", icon: "key-round" },
  signed_in: { kind: "success", word: "Signed in", icon: "log-in" },
  expired: { kind: "waiting", word: "Expired", icon: "clock" },
  revoked: { kind: "neutral", word: "Revoked", icon: "ban" },
  failed: { kind: "failure", word: "Refused by the mail server", icon: "mail-x" },
  confirmed: { kind: "success", word: "Access confirmed", icon: "user-check" },
};

/** It was requested for somebody's hand rather than for a mail. */
const COPIED: EventWords = { kind: "info", word: "Link copied", icon: "copy" };

/** What became of one recovery, step by step, and what it waits for now. */
export function RecoveryTimeline(props: RecoveryTimelineProps): JSX.Element {
  const { recovery, timeline, timeZone, now, mayRevoke = false } = props;
  const events = withoutRepeats(timeline).map(({ event, at, detail }) => ({
    ...(detail.copied === true ? COPIED : WORDS[event]),
    at,
    detail: detailWords(event, detail),
  }));
  const label = labelOf(recovery);
  return (
    <section class="recovery">
      <h3 class="recovery-title">{recovery.lastMail === null ? label : `${label} to ${recovery.sentTo}`}</h3>
      <Timeline
        label={`${label}, step by step`}
        events={[...events, ...awaited(recovery, timeZone, now)]}
        timeZone={timeZone}
      />
      {mayRevoke && isLive(recovery, now) && <RevokeForm recovery={recovery} label={label} />}
    </section>
  );
}

/** Of one putting off after another the last tells everything. */
function withoutRepeats(timeline: readonly TimelineEvent[]): readonly TimelineEvent[] {
  return timeline.filter(({ event }, at) => event !== "deferred" || timeline[at + 1]?.event !== "deferred");
}

function RevokeForm({ recovery, label }: { readonly recovery: Recovery; readonly label: string }): JSX.Element {
  const action = `/settings/users/${recovery.userId}/recoveries/${recovery.id}/revoke`;
  return (
    <form method="post" action={action} hx-post={action} hx-swap="none" hx-sync="this:drop">
      <Button>Revoke {label.toLowerCase()}</Button>
    </form>
  );
}

function labelOf({ method, origin }: Recovery): string {
  if (method === "temporary_password") return "Temporary password";
  return origin === "invitation" ? "Invitation" : "Reset link";
}

function detailWords(event: RecoveryEventName, detail: TimelineEvent["detail"]): Child {
  const by = String(detail.by ?? "");
  const [server, answer] = [String(detail.server ?? ""), String(detail.answer ?? "")];
  if (event === "requested") return `By ${by}`;
  if (event === "opened" && detail.automatic === true) return "By a machine, such as a mail scanner";
  if (event === "accepted") return `${server}: ${answer}`;
  if (event === "deferred") return <Explained words={deferralWords(answer)} server={server} answer={answer} />;
  if (event === "failed" || event === "bounced")
    return <Explained words={refusalWords(answer)} server={server} answer={answer} />;
  if (event === "revoked") return by ? `By ${by}` : REVOKED_BECAUSE[String(detail.because)];
  return undefined;
}

/** What a server said, first for people, then to the letter. */
function Explained(of: { words: AnswerWords; server: string; answer: string }): JSX.Element {
  return (
    <>
      {of.words.what} {of.words.advice}
      <br />
      <span class="quiet">
        {of.server}: {of.answer}
      </span>
    </>
  );
}

const REVOKED_BECAUSE: Readonly<Record<string, string>> = {
  password_changed: "The password was changed",
  password_refused: "A new password was required",
  address_changed: "The address was changed",
  deactivated: "The user was deactivated",
  role_denies_access: "The role became No Access",
  instance_suspended: "The instance was suspended",
  everything_ended: "Everything of the instance was ended in an emergency",
  disowned: "The person said “This was not me”",
};

/** The step that has not happened yet, so that nobody wonders whose turn it is. */
function awaited(recovery: Recovery, timeZone: string, now: Date): readonly TimelineRow[] {
  const isLink = recovery.method === "reset_link";
  switch (stateOf(recovery, now)) {
    case "queued":
      return [{ kind: "waiting", word: "Waiting for the mail server", icon: "clock" }];
    case "sent":
      return [
        {
          kind: "waiting",
          word: "Waiting for a new password",
          icon: "clock",
          detail: `${isLink ? "The link" : "The temporary password"} works until ${exactWords(endOf(recovery), timeZone)}`,
        },
      ];
    case "expired":
      return recovery.storedState === "open"
        ? [
            {
              kind: "waiting",
              word:
                isLink || recovery.signedInAt === null ? "Expired without being used" : "Expired before it was changed",
              icon: "clock",
              at: endOf(recovery),
              detail: isLink ? "Send the link again from More." : "Send a reset link, or set another one from More.",
            },
          ]
        : [];
    default:
      return [];
  }
}
