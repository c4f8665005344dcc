import type { JSX } from "hono/jsx/jsx-runtime";

import type { TicketMessageKind } from "#platform/database/ticket-tables.ts";
import { messageWords } from "#tickets/message-words.ts";
import type { TicketMessage } from "#tickets/ticket-message.ts";
import type { StateKind } from "#ui/chip.tsx";
import { Icon, type IconName } from "#ui/icon.tsx";
import { Initials } from "#ui/initials.tsx";
import { RelativeTime } from "#ui/time.tsx";

interface ConversationProps {
  readonly messages: readonly TicketMessage[];
  readonly now: Date;
  readonly timeZone: string;
}

/** How each thing that happened looks. */
const LOOKS: Readonly<Record<Exclude<TicketMessageKind, "said">, { kind: StateKind; icon: IconName }>> = {
  link_sent: { kind: "info", icon: "send" },
  link_copied: { kind: "info", icon: "copy" },
  temporary_password_set: { kind: "info", icon: "key-round" },
  mail_refused: { kind: "failure", icon: "mail-x" },
  mail_bounced: { kind: "failure", icon: "mail-x" },
  reply_lost: { kind: "failure", icon: "mail-x" },
  password_set: { kind: "success", icon: "key-round" },
  revoked: { kind: "waiting", icon: "ban" },
  expired: { kind: "waiting", icon: "clock" },
  sign_in_refused: { kind: "failure", icon: "circle-x" },
  not_signed_in: { kind: "waiting", icon: "clock" },
  signed_in: { kind: "success", icon: "log-in" },
  confirmed: { kind: "success", icon: "user-check" },
  still_out: { kind: "failure", icon: "circle-alert" },
  status_changed: { kind: "neutral", icon: "circle-dot" },
  assigned: { kind: "neutral", icon: "user" },
  linked: { kind: "neutral", icon: "user-check" },
  handed_over: { kind: "neutral", icon: "user" },
};

/** What was said and what happened, oldest first. */
export function Conversation({ messages, now, timeZone }: ConversationProps): JSX.Element {
  return (
    <ol class="conversation" aria-label="Conversation">
      {messages.map((message) => (
        <li class={`message ${lookOf(message)}`}>
          <Mark message={message} />
          <div class="message-body">
            <p class="message-head">
              <strong>{message.author.name}</strong>
              {message.author.type === "requester" && <span class="quiet"> (requester)</span>}
              <RelativeTime at={message.at} now={now} timeZone={timeZone} />
            </p>
            <p class="message-text">{messageWords(message, timeZone)}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}

function lookOf({ kind }: TicketMessage): string {
  return kind === "said" ? "message-said" : `timeline-${LOOKS[kind].kind}`;
}

function Mark({ message: { kind, author } }: { readonly message: TicketMessage }): JSX.Element {
  if (kind === "said") return <Initials name={author.name} />;
  return (
    <span class="timeline-mark">
      <Icon name={LOOKS[kind].icon} />
    </span>
  );
}
