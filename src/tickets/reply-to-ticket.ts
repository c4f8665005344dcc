import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { queueReply } from "./queue-reply.ts";
import { asTicketTarget, getTicket, ticketWithId } from "./ticket.ts";
import { requireTicketFields } from "./ticket-fields.ts";
import { addMessage, authorOf } from "./ticket-message.ts";

/**
 * What the acting person wrote stands in the conversation, and is mailed to the requester.
 * @returns the id of the message.
 * @throws not_permitted, not_found, validation_failed (on `text`)
 */
export async function replyToTicket(
  deps: Deps,
  scope: Scope,
  input: { ticketId: string; text: string },
): Promise<string> {
  const { ticketId, text } = input;
  const act = { action: "ticket.reply", target: ticketWithId(scope, ticketId), ticketId } as const;
  const messageId = await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "tickets.work");
    const ticket = await getTicket(tx, scope, ticketId);
    requireTicketFields({ text });
    const at = deps.clock.now();
    const id = await addMessage(tx, scope, at, { ticketId, kind: "said", author: authorOf(scope), text });
    const isMailed = await queueReply(tx, scope, at, { ticket, says: { kind: "said", by: scope.actor.name, text } });
    await recordAuditEvent(tx, scope, at, { ...act, target: asTicketTarget(ticket) });
    const { name, email } = ticket.requester;
    const told = isMailed ? `Your reply is on its way to ${name}` : `Your reply is kept; no mail reaches ${email}`;
    await notify(tx, scope, at, { kind: isMailed ? "success" : "warning", title: "Ticket", text: told });
    return id;
  });
  deps.wakeWorker();
  return messageId;
}
