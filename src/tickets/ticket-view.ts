import { z } from "@hono/zod-openapi";

import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { recoverySchema, viewRecoveries } from "#recovery/recovery-view.ts";
import { messageWords } from "./message-words.ts";
import { type OpenTicket, readTicket } from "./read-ticket.ts";
import type { Ticket } from "./ticket.ts";
import type { TicketMessage } from "./ticket-message.ts";

/** A ticket as lists show it. */
export const ticketSummarySchema = z
  .object({
    id: z.uuid(),
    number: z.number().int(),
    subject: z.string(),
    requester: z.object({ user_id: z.uuid().nullable(), name: z.string(), email: z.string() }),
    status: z.enum(["open", "waiting_for_user", "resolved", "closed"]),
    assignee: z.uuid().nullable(),
    external_url: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi("TicketSummary");

/** One entry of the conversation; `text` is what a person wrote, or what happened in words. */
export const ticketMessageSchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    kind: z.string(),
    author: z.object({ type: z.string(), id: z.uuid().nullable(), name: z.string() }),
    text: z.string(),
  })
  .openapi("TicketMessage");

/** A ticket with its conversation and the recoveries that were begun in it. */
export const ticketSchema = ticketSummarySchema
  .extend({ messages: z.array(ticketMessageSchema), recoveries: z.array(recoverySchema) })
  .openapi("Ticket");

/** @returns the API's shape of a ticket without its conversation. */
export function toTicketSummary(ticket: Ticket): z.infer<typeof ticketSummarySchema> {
  const { userId, name, email } = ticket.requester;
  return {
    id: ticket.id,
    number: ticket.number,
    subject: ticket.subject,
    requester: { user_id: userId, name, email },
    status: ticket.status,
    assignee: ticket.assigneeId,
    external_url: ticket.externalUrl,
    created_at: ticket.createdAt.toISOString(),
    updated_at: ticket.updatedAt.toISOString(),
  };
}

/** @returns the API's shape of a ticket, for who works on it. @throws not_permitted, not_found */
export async function viewTicket(deps: Deps, scope: Scope, id: string): Promise<z.infer<typeof ticketSchema>> {
  const { ticket, messages, recoveries }: OpenTicket = await readTicket(deps, scope, { id });
  return {
    ...toTicketSummary(ticket),
    messages: messages.map((message) => toMessageView(message, scope.instance.timeZone)),
    recoveries: await viewRecoveries(deps, scope, recoveries),
  };
}

function toMessageView(message: TicketMessage, timeZone: string): z.infer<typeof ticketMessageSchema> {
  const { id, at, kind, author } = message;
  return { id, at: at.toISOString(), kind, author: { ...author }, text: messageWords(message, timeZone) };
}
