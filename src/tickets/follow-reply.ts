import { type RawBuilder, sql } from "kysely";

import { asSystem } from "#instances/scope.ts";
import { queueJob } from "#jobs/queue-job.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import type { Attempt, Email } from "#mail-delivery/email.ts";
import { refusalWords } from "#mail-delivery/smtp-answer.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { DeliveryReport } from "#platform/mail/delivery-report.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";
import { lockTicket, moveTicket } from "./ticket.ts";
import { addMessage, PRODUCT } from "./ticket-message.ts";

/** Kind of the job that tells the ticket of a reply that nobody reads. */
export const REPLY_LOST = "ticket_reply_lost";

/** The ticket hears of a reply that a mail server refused. */
export function followReply({ instance, email, at }: Attempt, handover: Handover): readonly RawBuilder<unknown>[] {
  if (handover.outcome !== "refused" || isToldByItsLink(email)) return [];
  const payload = JSON.stringify(lossOf(email, handover.answer));
  return [
    sql`insert into jobs (instance_id, id, kind, payload, next_attempt_at, created_at)
      select ${instance.id}::uuid, ${newId()}::uuid, ${REPLY_LOST}, ${payload}::jsonb, ${at}::timestamptz, ${at}::timestamptz
      from settled`,
  ];
}

/** The ticket hears of a reply that came back. */
export async function followReplyReport(
  tx: Tx,
  { instance, email, at }: Attempt,
  report: DeliveryReport,
): Promise<void> {
  if (report.outcome !== "failed" || isToldByItsLink(email)) return;
  await queueJob(tx, asSystem(instance), at, { kind: REPLY_LOST, payload: lossOf(email, report.answer) });
}

/** What the worker does then: the conversation says so, and whoever works on the ticket has to reach the requester otherwise. */
export const tellLostReply: JobHandler = async (deps, { instance }, tx, { ticket_id: ticketId, address, answer }) => {
  const scope = asSystem(instance);
  const at = deps.clock.now();
  const ticket = await lockTicket(tx, scope, String(ticketId));
  if (ticket.status === "closed") return;
  const detail = { address: String(address), why: refusalWords(String(answer)).what };
  await addMessage(tx, scope, at, { ticketId: ticket.id, kind: "reply_lost", author: PRODUCT, detail });
  await moveTicket(tx, scope, at, { ticketId: ticket.id, from: ["waiting_for_user", "resolved"], to: "open" });
};

function lossOf(
  { data, to_address: address }: Email,
  answer: string,
): { ticket_id: string; address: string; answer: string } {
  return { ticket_id: String(data.ticket_id), address, answer };
}

/** A reply about a link that went to the same address fares as the link does, of which the ticket hears anyway. */
function isToldByItsLink({ data }: Email): boolean {
  return data.is_owner === true;
}
