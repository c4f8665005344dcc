import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Approval } from "#approvals/approval.ts";
import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, SESSION_ONLY, textOf } from "#platform/http/api.ts";
import { requireActor, requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { endEverything } from "./end-everything.ts";
import { PERMISSION_NAMES } from "#users/roles.ts";
import { requestAccess } from "./request-access.ts";
import { approve, listShownApprovals, refuse } from "./decide-approval.ts";

const approvalSchema = z
  .object({
    id: z.uuid(),
    act: z.string(),
    user_id: z.uuid(),
    /** The address that the user would get, where the act gives them one. */
    email: z.string().nullable(),
    state: z.enum(["waiting", "approved", "refused", "failed", "expired", "replaced"]),
    requested_by: z.uuid(),
    requested_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    decided_by: z.uuid().nullable(),
    decided_at: z.iso.datetime().nullable(),
  })
  .openapi("Approval");

const list = createRoute({
  method: "get",
  path: "/approvals",
  request: { query: noQuery },
  responses: {
    200: json(z.object({ items: z.array(approvalSchema), next_cursor: z.null() }), "Newest first"),
    ...problems(401, 403),
  },
});

const request = {
  params: z.object({ id: z.string() }),
  query: noQuery,
  body: bodyOf(z.strictObject({}), { required: false }),
};

const approveOne = createRoute({
  method: "post",
  path: "/approvals/{id}/approve",
  request,
  responses: {
    200: json(
      z.object({ approval_id: z.uuid(), password: z.string().optional(), expires_at: z.iso.datetime().optional() }),
      "It is done; a temporary password that was made is told this once",
    ),
    ...problems(401, 403, 404, 409, 422),
  },
});

const refuseOne = createRoute({
  method: "post",
  path: "/approvals/{id}/refuse",
  request,
  responses: { 204: { description: "Nothing of it is done" }, ...problems(401, 403, 404, 409, 422) },
});

const requestOne = createRoute({
  method: "post",
  path: "/access-requests",
  security: SESSION_ONLY,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ permission: z.enum(PERMISSION_NAMES), note: textOf(500).optional() })),
  },
  responses: { 202: { description: "Those who can give it are asked by mail" }, ...problems(401, 403, 422, 429) },
});

const endAll = createRoute({
  method: "post",
  path: "/emergency/end-everything",
  request: { query: noQuery, body: bodyOf(z.strictObject({ reason: textOf(500) })) },
  responses: {
    200: json(
      z.object({ sessions: z.number().int(), recoveries: z.number().int(), keys: z.number().int() }),
      "How much of each was ended",
    ),
    ...problems(401, 403, 422),
  },
});

/** What waits for a second administrator, and the end of everything, over the JSON API. */
export function safeguardsApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(list, async (c) => {
    requireActor(c);
    const shown = await listShownApprovals(deps, c.var.scope);
    return c.json({ items: shown.map(({ approval }) => toView(approval)), next_cursor: null }, 200);
  });

  api.openapi(approveOne, async (c) => {
    requireActor(c);
    const { approval, set } = await approve(deps, c.var.scope, { id: c.req.valid("param").id });
    const made = set && { password: set.password, expires_at: set.expiresAt.toISOString() };
    return c.json({ approval_id: approval.id, ...made }, 200);
  });

  api.openapi(refuseOne, async (c) => {
    requireActor(c);
    await refuse(deps, c.var.scope, { id: c.req.valid("param").id });
    return c.body(null, 204);
  });

  api.openapi(requestOne, async (c) => {
    requireSession(c);
    await requestAccess(deps, c.var.scope, c.req.valid("json"));
    return c.body(null, 202);
  });

  api.openapi(endAll, async (c) => {
    requireActor(c);
    return c.json(await endEverything(deps, c.var.scope, c.req.valid("json")), 200);
  });

  return api;
}

function toView(approval: Approval): z.infer<typeof approvalSchema> {
  return {
    id: approval.id,
    act: approval.act,
    user_id: approval.userId,
    email: approval.input.email ?? null,
    state: approval.state,
    requested_by: approval.requestedBy,
    requested_at: approval.requestedAt.toISOString(),
    expires_at: approval.expiresAt.toISOString(),
    decided_by: approval.decidedBy,
    decided_at: approval.decidedAt?.toISOString() ?? null,
  };
}
