import type { Handover } from "#platform/mail/mail-transport.ts";

/** What an attempt to hand a mail over came to, or that the mail was reported back later. */
export type MailOutcome = Handover["outcome"] | "bounced";

/** What became of mails in this process since it started. */
export interface MailCounts {
  /** One more came out so. */
  count(outcome: MailOutcome): void;
  /** @returns how many came out so. */
  of(outcome: MailOutcome): number;
}

/** @returns counts that begin at nothing. */
export function countMails(): MailCounts {
  const counts = new Map<MailOutcome, number>();
  const of = (outcome: MailOutcome): number => counts.get(outcome) ?? 0;
  return { of, count: (outcome) => void counts.set(outcome, of(outcome) + 1) };
}
