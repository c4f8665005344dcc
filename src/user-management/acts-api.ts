import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import { listSignIns, type SignIn } from "#audit-trail/list-sign-ins.ts";
import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, textOf } from "#platform/http/api.ts";
import { recoverySchema, viewRecovery } from "#recovery/recovery-view.ts";
import { verificationSchema } from "#recovery/verification-schema.ts";
import { listSessions, type LiveSession } from "#sessions/list-sessions.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { requirePermission } from "#users/permissions.ts";
import { getUser } from "#users/user.ts";
import { correctAndSend } from "./correct-and-send.ts";
import { deactivateUser, reactivateUser } from "./deactivate-user.ts";
import { enableLogin } from "./enable-login.ts";
import { endSessions } from "./end-sessions.ts";
import { updateUser } from "./update-user.ts";
import { superiorField, userSchema, viewUser } from "./user-view.ts";

const idParam = z.object({ id: z.string() });
const empty = (longest: number) => textOf(longest).nullable().optional();

const update = createRoute({
  method: "patch",
  path: "/users/{id}",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        email: z.string().max(320).optional(),
        username: z.string().max(64).optional(),
        first_name: textOf(100).optional(),
        last_name: textOf(100).optional(),
        role: userSchema.shape.role.optional(),
        title: empty(100),
        phone: empty(50),
        mobile: empty(50),
        department: empty(100),
        locale: empty(35),
        time_zone: empty(64),
        reports_to: superiorField.optional(),
      }),
    ),
  },
  responses: { 200: json(userSchema, "The user as changed"), ...problems(401, 403, 404, 409, 422) },
});

const correctAddress = createRoute({
  method: "post",
  path: "/users/{id}/reset-links/correct-and-send",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        email: z.string().max(320),
        reason: textOf(500).optional(),
        verification: verificationSchema.optional(),
      }),
    ),
  },
  responses: {
    202: json(recoverySchema, "The user has the address, and a mail with a fresh link to it is queued"),
    ...problems(401, 403, 404, 409, 422, 429),
  },
});

const enable = createRoute({
  method: "post",
  path: "/users/{id}/enable-login",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(z.strictObject({}), { required: false }),
  },
  responses: { 204: { description: "The lockout is over" }, ...problems(401, 403, 404, 409, 422) },
});

const deactivate = createRoute({
  method: "post",
  path: "/users/{id}/deactivate",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(z.strictObject({}), { required: false }),
  },
  responses: { 200: json(userSchema, "The user, inactive"), ...problems(401, 403, 404, 409, 422) },
});

const reactivate = createRoute({
  method: "post",
  path: "/users/{id}/reactivate",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(z.strictObject({}), { required: false }),
  },
  responses: { 200: json(userSchema, "The user, active again"), ...problems(401, 403, 404, 409, 422) },
});

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

/** What an administrator does to a user, over the JSON API. */
export function userActsApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(update, async (c) => {
    requireActor(c);
    const {
      first_name: firstName,
      last_name: lastName,
      time_zone: timeZone,
      reports_to: reportsTo,
      ...others
    } = c.req.valid("json");
    const changes = { ...others, firstName, lastName, timeZone, reportsTo };
    const user = await updateUser(deps, c.var.scope, { userId: c.req.valid("param").id, changes });
    return c.json(await viewUser(deps, c.var.scope, user), 200);
  });

  api.openapi(correctAddress, async (c) => {
    requireActor(c);
    const input = { userId: c.req.valid("param").id, ...c.req.valid("json") };
    const recovery = await correctAndSend(deps, c.var.scope, input);
    return c.json(await viewRecovery(deps, c.var.scope, recovery), 202);
  });

  api.openapi(enable, async (c) => {
    requireActor(c);
    await enableLogin(deps, c.var.scope, { userId: c.req.valid("param").id });
    return c.body(null, 204);
  });

  api.openapi(deactivate, async (c) => {
    requireActor(c);
    const user = await deactivateUser(deps, c.var.scope, { userId: c.req.valid("param").id });
    return c.json(await viewUser(deps, c.var.scope, user), 200);
  });

  api.openapi(reactivate, async (c) => {
    requireActor(c);
    const user = await reactivateUser(deps, c.var.scope, { userId: c.req.valid("param").id });
    return c.json(await viewUser(deps, c.var.scope, user), 200);
  });

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
