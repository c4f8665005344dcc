import type { TicketMessageKind, TicketStatus } from "#platform/database/ticket-tables.ts";
import { exactWords } from "#ui/relative-time.ts";
import type { TicketMessage } from "./ticket-message.ts";

/** What each status is called. */
export const STATUS_WORDS: Readonly<Record<TicketStatus, string>> = {
  open: "Open",
  waiting_for_user: "Waiting for user",
  resolved: "Resolved",
  closed: "Closed",
};

/** @returns what a message says, for who works on the ticket: a person's own words, or what happened. */
export function messageWords(message: TicketMessage, timeZone: string): string {
  return message.text ?? WORDS[message.kind](factsOf(message, timeZone));
}

interface Facts {
  readonly at: string;
  readonly address: string;
  readonly mail: string;
  readonly until: string;
  readonly by: string;
  readonly to: string | null;
  readonly why: string;
}

function factsOf({ at, detail }: TicketMessage, timeZone: string): Facts {
  const textOf = (name: string): string => String(detail[name] ?? "");
  return {
    at: exactWords(at, timeZone),
    address: textOf("address"),
    mail: textOf("mail"),
    until: detail.ends_at === undefined ? "" : exactWords(new Date(textOf("ends_at")), timeZone),
    by: textOf("by"),
    to: typeof detail.to === "string" ? detail.to : null,
    why: textOf("why"),
  };
}

const WORDS: Readonly<Record<TicketMessageKind, (facts: Facts) => string>> = {
  said: () => "",
  link_sent: ({ address, until, mail }) =>
    `The reset link was sent to ${address}. It works until ${until}, and once. If it is not there within a few minutes, look into Spam or Junk for “${mail}”. Please say whether you are in.`,
  link_copied: ({ by, until }) => `${by} copied the reset link, to hand over. It works until ${until}, and once.`,
  temporary_password_set: ({ by, until }) => `${by} set a temporary password, to hand over. It works until ${until}.`,
  mail_refused: ({ address, why }) => `The mail with the link to ${address} was refused: ${why}`,
  mail_bounced: ({ address, why }) => `The mail with the link to ${address} came back: ${why}`,
  reply_lost: ({ address, why }) => `The reply to ${address} was not delivered: ${why} Reach them by other means.`,
  password_set: ({ at }) => `A new password was set at ${at}. What is left is the sign-in.`,
  revoked: () => "What was sent no longer works, and nobody has signed in.",
  expired: ({ until }) => `It ended on ${until} without being used, and nobody has signed in.`,
  sign_in_refused: ({ at }) => `A new password was set, but a sign-in was refused at ${at}.`,
  not_signed_in: () => "A new password was set a day ago, but nobody has signed in since.",
  signed_in: ({ at }) => `Signed in at ${at}.`,
  confirmed: () => "I am in.",
  still_out: () => "I still cannot sign in.",
  status_changed: ({ to }) => `Status: ${STATUS_WORDS[to as TicketStatus] ?? to}`,
  assigned: ({ to }) => (to === null ? "Nobody works on it now" : `Assigned to ${to}`),
  linked: ({ to }) => `Linked to the account of ${to}`,
  handed_over: ({ to }) => `Handed over to ${to}, since its assignee was deactivated`,
};
