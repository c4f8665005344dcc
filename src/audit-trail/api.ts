import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { AuditEvent } from "#audit/audit-event.ts";
import type { Deps } from "#platform/deps.ts";
import { createApi, json, problems, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { listAuditEvents } from "./list-audit-events.ts";

const partySchema = z.object({ type: z.string(), id: z.uuid().nullable(), name: z.string() });

const auditEventSchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    action: z.string(),
    actor: partySchema,
    target: partySchema,
    source_address: z.string().nullable(),
    reason: z.string().nullable(),
    ticket_id: z.uuid().nullable(),
    result: z.enum(["ok", "refused"]),
    request_id: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .openapi("AuditEvent");

const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const list = createRoute({
  method: "get",
  path: "/audit-events",
  request: {
    query: z.strictObject({
      actor: z.uuid().optional(),
      target: z.uuid().optional(),
      action: textOf(100).optional(),
      from: moment.optional(),
      to: moment.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.uuid().optional(),
    }),
  },
  responses: {
    200: json(z.object({ items: z.array(auditEventSchema), next_cursor: z.uuid().nullable() }), "Newest first"),
    ...problems(401, 403, 422),
  },
});

/** What was done in the instance, over the JSON API. */
export function auditTrailApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(list, async (c) => {
    requireActor(c);
    const { cursor, action, ...others } = c.req.valid("query");
    const query = { ...others, actions: action === undefined ? undefined : [action], before: cursor };
    const { items, nextCursor } = await listAuditEvents(deps, c.var.scope, query);
    return c.json({ items: items.map(toView), next_cursor: nextCursor }, 200);
  });

  return api;
}

function toView(event: AuditEvent): z.infer<typeof auditEventSchema> {
  return {
    id: event.id,
    at: event.at.toISOString(),
    action: event.action,
    actor: { type: event.actor_type, id: event.actor_id, name: event.actor_name },
    target: { type: event.target_type, id: event.target_id, name: event.target_name },
    source_address: event.source_address,
    reason: event.reason,
    ticket_id: event.ticket_id,
    result: event.result,
    request_id: event.request_id,
    detail: event.detail,
  };
}
