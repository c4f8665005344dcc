import { endOf, type Recovery, stateOf } from "#recovery/recovery.ts";
import type { TimelineEvent } from "#recovery/timeline.ts";
import { isSlow, sentAt } from "./access-chip.tsx";
import type { Cause, CauseCode } from "./cause.ts";
import type { Actions } from "./actions.ts";

/** @returns what became of a link that has not led anybody in, or undefined where it was revoked. */
export function linkCause(recovery: Recovery, timeline: readonly TimelineEvent[], now: Date): Cause | undefined {
  const cause = (code: CauseCode, fix: keyof Actions | null, since: Date): Cause => {
    const until = code.startsWith("link_") && since < endOf(recovery) ? endOf(recovery) : null;
    return { code, fix, since, until, recovery, answer: lastAnswer(timeline) };
  };
  switch (stateOf(recovery, now)) {
    case "queued":
      return isSlow(recovery, now)
        ? cause("mail_not_accepted", "change_password", sentAt(recovery))
        : cause("mail_on_its_way", null, sentAt(recovery));
    case "sent": {
      const opened = timeline.findLast(({ event, detail }) => event === "opened" && detail.automatic !== true);
      if (opened) return cause("link_opened", "send_reset_link", opened.at);
      const byMachine = timeline.some(({ event }) => event === "opened");
      return cause(byMachine ? "link_opened_by_machine" : "link_unopened", "send_reset_link", sentAt(recovery));
    }
    case "bounced":
      return cause("mail_bounced", "correct_and_send", lastTime(timeline, "bounced") ?? sentAt(recovery));
    case "failed":
      return cause("mail_refused", "correct_and_send", lastTime(timeline, "failed") ?? sentAt(recovery));
    case "expired":
      return cause("link_expired", "send_reset_link", endOf(recovery));
    case "completed":
      return cause("password_unused", "send_reset_link", recovery.completedAt ?? sentAt(recovery));
    case "revoked":
      return undefined;
  }
}

function lastTime(timeline: readonly TimelineEvent[], event: TimelineEvent["event"]): Date | undefined {
  return timeline.findLast((each) => each.event === event)?.at;
}

function lastAnswer(timeline: readonly TimelineEvent[]): string | undefined {
  const answer = timeline.findLast(({ detail }) => detail.answer !== undefined)?.detail.answer;
  return answer === undefined ? undefined : String(answer);
}
