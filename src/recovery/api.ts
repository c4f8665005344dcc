import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, PUBLIC, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { requirePermission } from "#users/permissions.ts";
import { copyLinkOfRecovery } from "./copy-reset-link.ts";
import { streamTimeline } from "./event-stream.ts";
import { listRecoveryPage } from "./list-recoveries.ts";
import { redeemResetLink } from "./redeem-reset-link.ts";
import { endOf, getRecovery } from "./recovery.ts";
import { recoverySchema, viewRecoveries, viewRecovery } from "./recovery-view.ts";
import { renewResetLink } from "./renew-reset-link.ts";
import { requestRecovery } from "./request-recovery.ts";
import { revokeRecovery } from "./revoke-recovery.ts";
import { sendResetLink } from "./send-reset-link.ts";
import { verificationSchema } from "./verification-schema.ts";

const LONGEST_LIST = 200;

const idParam = z.object({ id: z.string() });
const acceptedSchema = z.object({ detail: z.string() });
/** A password as it was typed: its form is the policy's to judge, so only its size is bounded here. */
const passwordField = z.string().max(2048);
const tokenField = z.string().max(512);

/** The same words for everybody, whether an account exists or not. */
const ACCEPTED = { detail: "If an account goes by this, a mail with a link is on its way to its registered address." };

/** Why somebody is given a link, and how the administrator made sure of who was asking. */
const linkRequest = z.strictObject({ reason: textOf(500).optional(), verification: verificationSchema.optional() });

const sendLink = createRoute({
  method: "post",
  path: "/users/{id}/reset-links",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(linkRequest.extend({ ticket_id: z.uuid().optional() }), { required: false }),
  },
  responses: {
    202: json(recoverySchema, "The user has one live link, and a mail with it is queued or on its way"),
    ...problems(401, 403, 404, 409, 422, 429),
  },
});

const list = createRoute({
  method: "get",
  path: "/recoveries",
  request: {
    query: z.strictObject({
      state: recoverySchema.shape.state.optional(),
      method: recoverySchema.shape.method.optional(),
      user_id: z.uuid().optional(),
      limit: z.coerce.number().int().min(1).max(LONGEST_LIST).default(50),
      cursor: z.uuid().optional(),
    }),
  },
  responses: {
    200: json(z.object({ items: z.array(recoverySchema), next_cursor: z.uuid().nullable() }), "Newest first"),
    ...problems(401, 403, 422),
  },
});

const get = createRoute({
  method: "get",
  path: "/recoveries/{id}",
  request: { params: idParam, query: noQuery },
  responses: { 200: json(recoverySchema, "The recovery with its timeline"), ...problems(401, 403, 404) },
});

const events = createRoute({
  method: "get",
  path: "/recoveries/{id}/events",
  request: { params: idParam, query: noQuery },
  responses: {
    200: {
      description: "Server-sent events: the timeline so far, or from after Last-Event-ID, and then what comes",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems(401, 403, 404),
  },
});

const revoke = createRoute({
  method: "delete",
  path: "/recoveries/{id}",
  request: { params: idParam, query: noQuery },
  responses: { 204: { description: "The link no longer works" }, ...problems(401, 403, 404, 409) },
});

const copyLink = createRoute({
  method: "post",
  path: "/recoveries/{id}/copy-link",
  request: { params: idParam, query: noQuery, body: bodyOf(linkRequest, { required: false }) },
  responses: {
    200: json(
      z.object({ link: z.url().optional(), expires_at: z.iso.datetime() }),
      "Whoever has the link can set the password; `link` is there this once",
    ),
    ...problems(401, 403, 404, 409, 422),
  },
});

const request = createRoute({
  method: "post",
  path: "/recovery-requests",
  security: PUBLIC,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ identifier: z.string().max(320) })),
  },
  responses: { 202: json(acceptedSchema, "The same answer for everybody"), ...problems(422) },
});

const redeem = createRoute({
  method: "post",
  path: "/recovery-redemptions",
  security: PUBLIC,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ token: tokenField, password: passwordField })),
  },
  responses: {
    204: { description: "The password is set; nobody is signed in by it" },
    ...problems(404, 409, 410, 422, 429),
  },
});

const renew = createRoute({
  method: "post",
  path: "/recovery-redemptions/renew",
  security: PUBLIC,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ token: tokenField })),
  },
  responses: { 202: json(acceptedSchema, "A fresh link goes to the registered address"), ...problems(404, 422, 429) },
});

/** Recoveries over the JSON API. */
export function recoveryApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(sendLink, async (c) => {
    requireActor(c);
    const { reason, ticket_id: ticketId, verification } = c.req.valid("json") ?? {};
    const input = { userId: c.req.valid("param").id, reason, ticketId, verification };
    const recovery = await sendResetLink(deps, c.var.scope, input);
    return c.json(await viewRecovery(deps, c.var.scope, recovery), 202);
  });

  api.openapi(list, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    const { user_id: userId, cursor: before, ...query } = c.req.valid("query");
    const { items, nextCursor } = await listRecoveryPage(deps, scope, { ...query, userId, before });
    return c.json({ items: await viewRecoveries(deps, scope, items), next_cursor: nextCursor }, 200);
  });

  api.openapi(get, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    requirePermission(scope, "users.read");
    const recovery = await deps.db.inInstance(scope.instance.id, (tx) =>
      getRecovery(tx, scope, c.req.valid("param").id),
    );
    return c.json(await viewRecovery(deps, scope, recovery), 200);
  });

  api.openapi(events, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    requirePermission(scope, "users.read");
    const { id } = c.req.valid("param");
    await deps.db.inInstance(scope.instance.id, (tx) => getRecovery(tx, scope, id));
    return streamTimeline(deps, c, id);
  });

  api.openapi(revoke, async (c) => {
    requireActor(c);
    await revokeRecovery(deps, c.var.scope, { recoveryId: c.req.valid("param").id });
    return c.body(null, 204);
  });

  api.openapi(copyLink, async (c) => {
    requireActor(c);
    const { reason, verification } = c.req.valid("json") ?? {};
    const input = { recoveryId: c.req.valid("param").id, reason, verification };
    const { link, recovery } = await copyLinkOfRecovery(deps, c.var.scope, input);
    c.header("Cache-Control", "no-store");
    return c.json({ link, expires_at: endOf(recovery).toISOString() }, 200);
  });

  api.openapi(request, async (c) => {
    await requestRecovery(deps, c.var.scope, c.req.valid("json"));
    return c.json(ACCEPTED, 202);
  });

  api.openapi(redeem, async (c) => {
    await redeemResetLink(deps, c.var.scope, c.req.valid("json"));
    return c.body(null, 204);
  });

  api.openapi(renew, async (c) => {
    await renewResetLink(deps, c.var.scope, c.req.valid("json"));
    return c.json(ACCEPTED, 202);
  });

  return api;
}
