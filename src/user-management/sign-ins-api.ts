import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import { listSignIns, type SignIn } from "#audit-trail/list-sign-ins.ts";
import type { Deps } from "#platform/deps.ts";
import { createApi, json, noQuery, problems } from "#platform/http/api.ts";
import { listSessions, type LiveSession } from "#sessions/list-sessions.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { requirePermission } from "#users/permissions.ts";
import { getUser } from "#users/user.ts";
import { endSessions } from "./end-sessions.ts";

const idParam = z.object({ id: z.string() });

const sessionSchema = z
  .object({
    id: z.uuid(),
    created_at: z.iso.datetime(),
    last_active_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    source_address: z.string(),
    user_agent: z.string().nullable(),
  })
  .openapi("LiveSession");

const sessions = createRoute({
  method: "get",
  path: "/users/{id}/sessions",
  request: { params: idParam, query: noQuery },
  responses: {
    200: json(z.object({ items: z.array(sessionSchema), next_cursor: z.null() }), "Live sessions"),
    ...problems(401, 403, 404),
  },
});

const endAll = createRoute({
  method: "delete",
  path: "/users/{id}/sessions",
  request: { params: idParam, query: noQuery },
  responses: { 204: { description: "Signed out everywhere" }, ...problems(401, 403, 404) },
});

const signInSchema = z
  .object({
    at: z.iso.datetime(),
    result: z.enum(["ok", "refused"]),
    reason: z.string().nullable(),
    source_address: z.string().nullable(),
  })
  .openapi("SignIn");

const signIns = createRoute({
  method: "get",
  path: "/users/{id}/sign-ins",
  request: { params: idParam, query: noQuery },
  responses: {
    200: json(z.object({ items: z.array(signInSchema), next_cursor: z.null() }), "The last attempts, newest first"),
    ...problems(401, 403, 404),
  },
});

/** Where a user is signed in, and their attempts to, over the JSON API. */
export function signInsApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(sessions, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    requirePermission(scope, "users.read");
    const live = await deps.db.inInstance(scope.instance.id, async (tx) => {
      const user = await getUser(tx, scope, c.req.valid("param").id);
      return listSessions(tx, scope, deps.clock.now(), { userId: user.id });
    });
    return c.json({ items: live.map(toSessionView), next_cursor: null }, 200);
  });

  api.openapi(endAll, async (c) => {
    requireActor(c);
    await endSessions(deps, c.var.scope, { userId: c.req.valid("param").id });
    return c.body(null, 204);
  });

  api.openapi(signIns, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    requirePermission(scope, "users.read");
    const attempts = await deps.db.inInstance(scope.instance.id, async (tx) => {
      const user = await getUser(tx, scope, c.req.valid("param").id);
      return listSignIns(tx, scope, user.id);
    });
    return c.json({ items: attempts.map(toSignInView), next_cursor: null }, 200);
  });

  return api;
}

function toSessionView(session: LiveSession): z.infer<typeof sessionSchema> {
  return {
    id: session.id,
    created_at: session.createdAt.toISOString(),
    last_active_at: session.lastActiveAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    source_address: session.sourceAddress,
    user_agent: session.userAgent,
  };
}

function toSignInView({ at, result, reason, sourceAddress }: SignIn): z.infer<typeof signInSchema> {
  return { at: at.toISOString(), result, reason, source_address: sourceAddress };
}
