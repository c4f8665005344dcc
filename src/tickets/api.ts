import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, PUBLIC, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { listTickets, TICKET_FILTERS, type TicketFilter } from "./list-tickets.ts";
import { openTicket } from "./open-ticket.ts";
import { replyToTicket } from "./reply-to-ticket.ts";
import { requestSupport } from "./request-support.ts";
import { ticketMessageSchema, ticketSchema, ticketSummarySchema, toTicketSummary, viewTicket } from "./ticket-view.ts";
import { updateTicket } from "./update-ticket.ts";

const idParam = z.object({ id: z.string() });
/** A few lines: what they may hold is the use case's to judge, so only their size is bounded here. */
const textField = z.string().max(4000);
const urlField = z.string().max(2000);

const list = createRoute({
  method: "get",
  path: "/tickets",
  request: {
    query: z.strictObject({
      status: z.enum(Object.keys(TICKET_FILTERS) as [TicketFilter, ...TicketFilter[]]).default("all"),
      q: textOf(200).optional(),
      assignee: z.uuid().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(1000).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({
        items: z.array(ticketSummarySchema),
        next_cursor: z.string().nullable(),
        counts: z.object({
          open: z.number().int(),
          waiting_for_user: z.number().int(),
          done: z.number().int(),
        }),
      }),
      "What last happened first; `done` is what is resolved or closed",
    ),
    ...problems(401, 403, 422),
  },
});

const open = createRoute({
  method: "post",
  path: "/tickets",
  request: {
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        subject: textOf(200),
        message: textField.optional(),
        requester: z.strictObject({
          user_id: z.uuid().optional(),
          name: textOf(200),
          email: z.string().max(320),
        }),
        external_url: urlField.optional(),
      }),
    ),
  },
  responses: { 201: json(ticketSchema, "The open ticket"), ...problems(401, 403, 422) },
});

const get = createRoute({
  method: "get",
  path: "/tickets/{id}",
  request: { params: idParam, query: noQuery },
  responses: { 200: json(ticketSchema, "The ticket with its conversation"), ...problems(401, 403, 404) },
});

const update = createRoute({
  method: "patch",
  path: "/tickets/{id}",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        subject: textOf(200).optional(),
        status: ticketSummarySchema.shape.status.optional(),
        assignee: z.uuid().nullable().optional(),
        external_url: urlField.nullable().optional(),
        requester: z.strictObject({ user_id: z.uuid() }).optional(),
      }),
    ),
  },
  responses: { 200: json(ticketSchema, "The ticket as changed"), ...problems(401, 403, 404, 422) },
});

const reply = createRoute({
  method: "post",
  path: "/tickets/{id}/messages",
  request: { params: idParam, query: noQuery, body: bodyOf(z.strictObject({ text: textField })) },
  responses: {
    201: json(ticketMessageSchema, "The message, which is mailed to the requester"),
    ...problems(401, 403, 404, 422),
  },
});

const support = createRoute({
  method: "post",
  path: "/support-requests",
  security: PUBLIC,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ name: textOf(200), email: z.string().max(320), message: textField })),
  },
  responses: { 202: json(z.object({ detail: z.string() }), "The same answer for everybody"), ...problems(422) },
});

/** Tickets over the JSON API. */
export function ticketsApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(list, async (c) => {
    requireActor(c);
    const { status: view, assignee: assigneeId, ...query } = c.req.valid("query");
    const page = await listTickets(deps, c.var.scope, { ...query, view, assigneeId });
    const items = page.items.map(({ ticket }) => toTicketSummary(ticket));
    return c.json({ items, next_cursor: page.nextCursor, counts: page.counts }, 200);
  });

  api.openapi(open, async (c) => {
    requireActor(c);
    const { requester, external_url: externalUrl, ...others } = c.req.valid("json");
    const { user_id: userId, name, email } = requester;
    const input = { ...others, externalUrl, requester: { userId, name, email } };
    const ticket = await openTicket(deps, c.var.scope, input);
    return c.json(await viewTicket(deps, c.var.scope, ticket.id), 201);
  });

  api.openapi(get, async (c) => {
    requireActor(c);
    return c.json(await viewTicket(deps, c.var.scope, c.req.valid("param").id), 200);
  });

  api.openapi(update, async (c) => {
    requireActor(c);
    const { assignee: assigneeId, external_url: externalUrl, requester, ...others } = c.req.valid("json");
    const account = requester && { userId: requester.user_id };
    const changes = { ...others, assigneeId, externalUrl, account };
    const ticket = await updateTicket(deps, c.var.scope, { ticketId: c.req.valid("param").id, changes });
    return c.json(await viewTicket(deps, c.var.scope, ticket.id), 200);
  });

  api.openapi(reply, async (c) => {
    requireActor(c);
    const { id: ticketId } = c.req.valid("param");
    const id = await replyToTicket(deps, c.var.scope, { ticketId, text: c.req.valid("json").text });
    const { messages } = await viewTicket(deps, c.var.scope, ticketId);
    const message = messages.find((each) => each.id === id);
    if (!message) throw new Error("A message stands in its ticket");
    return c.json(message, 201);
  });

  api.openapi(support, async (c) => {
    await requestSupport(deps, c.var.scope, c.req.valid("json"));
    return c.json({ detail: "Your message is on its way to the administrators." }, 202);
  });

  return api;
}
