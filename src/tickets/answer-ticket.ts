import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { trimUnseen } from "#lib/text.ts";
import type { Email } from "#mail-delivery/email.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { countingGuesses } from "#recovery/guessed-token.ts";
import { useMailToken } from "#recovery/mail-token.ts";
import { recordEvent } from "#recovery/timeline.ts";
import { answeredBefore, getAnsweredEmail } from "./answer-link.ts";
import { asTicketTarget, lockTicket, moveTicket, type Ticket } from "./ticket.ts";
import { requireTicketFields } from "./ticket-fields.ts";
import { addMessage, asAuthor } from "./ticket-message.ts";

/** What the requester says by the link in a reply: “I am in”, or “I still cannot sign in”. */
export type TicketAnswer = "in" | "out";

/** An answer with what it does to the ticket. A closed ticket stays closed unless the person needs help again. */
const MOVES = {
  in: { kind: "confirmed", from: ["open", "waiting_for_user"], to: "resolved" },
  out: { kind: "still_out", from: ["open", "waiting_for_user", "resolved", "closed"], to: "open" },
} as const;

/**
 * The answer stands in the conversation and the ticket is resolved, or open again. Of who is in, the timeline of the recovery
 * says so. Once for each mail; the second time says that it was done.
 * @throws link_invalid, too_many_requests, link_used, link_expired, validation_failed (on `text`)
 */
export async function answerTicket(
  deps: Deps,
  scope: Scope,
  input: { token: string; answer: TicketAnswer; note?: string },
): Promise<Ticket> {
  const target = { type: "ticket", id: null, name: "" } as const;
  const act = { action: "ticket.answer", target } as const;
  const note = trimUnseen(input.note ?? "");
  return countingGuesses(deps, scope, () =>
    audited(deps, scope, act, async (tx) => {
      const email = await getAnsweredEmail(deps, tx, scope, input.token);
      if (note) requireTicketFields({ text: note });
      const at = deps.clock.now();
      if (!(await useMailToken(tx, scope, at, { emailId: email.id, mark: "answered_at" }))) throw answeredBefore();
      const ticket = await lockTicket(tx, scope, String(email.data.ticket_id));
      const { kind, from, to } = MOVES[input.answer];
      const message = { ticketId: ticket.id, author: asAuthor(ticket.requester) } as const;
      await addMessage(tx, scope, at, { ...message, kind });
      if (note) await addMessage(tx, scope, at, { ...message, kind: "said", text: note });
      await moveTicket(tx, scope, at, { ticketId: ticket.id, from, to });
      if (input.answer === "in") await confirmRecovery(tx, scope, at, email);
      const detail = { answer: input.answer, email_id: email.id };
      await recordAuditEvent(tx, scope, at, { ...act, target: asTicketTarget(ticket), ticketId: ticket.id, detail });
      return ticket;
    }),
  );
}

/** Only who reads the mails of the account can say of it that they are in. */
async function confirmRecovery(tx: Tx, scope: Scope, at: Date, { data }: Email): Promise<void> {
  if (data.is_owner !== true || typeof data.recovery !== "string") return;
  await recordEvent(tx, scope, data.recovery, { event: "confirmed", at });
}
