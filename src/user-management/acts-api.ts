import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, textOf } from "#platform/http/api.ts";
import { recoverySchema, viewRecovery } from "#recovery/recovery-view.ts";
import { thawUser } from "#recovery/thaw-user.ts";
import { verificationSchema } from "#recovery/verification-schema.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { correctAndSend } from "./correct-and-send.ts";
import { deactivateUser, reactivateUser } from "./deactivate-user.ts";
import { enableLogin } from "./enable-login.ts";
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
        ticket_id: z.uuid().optional(),
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

const thaw = createRoute({
  method: "post",
  path: "/users/{id}/thaw",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(z.strictObject({ verification: verificationSchema })),
  },
  responses: { 200: json(userSchema, "The user, no longer frozen"), ...problems(401, 403, 404, 409, 422) },
});

const deactivate = createRoute({
  method: "post",
  path: "/users/{id}/deactivate",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(z.strictObject({ reassign_to: z.uuid().optional() }), { required: false }),
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
    const { ticket_id: ticketId, ...others } = c.req.valid("json");
    const input = { userId: c.req.valid("param").id, ticketId, ...others };
    const recovery = await correctAndSend(deps, c.var.scope, input);
    return c.json(await viewRecovery(deps, c.var.scope, recovery), 202);
  });

  api.openapi(enable, async (c) => {
    requireActor(c);
    await enableLogin(deps, c.var.scope, { userId: c.req.valid("param").id });
    return c.body(null, 204);
  });

  api.openapi(thaw, async (c) => {
    requireActor(c);
    const { verification } = c.req.valid("json");
    const user = await thawUser(deps, c.var.scope, { userId: c.req.valid("param").id, verification });
    return c.json(await viewUser(deps, c.var.scope, user), 200);
  });

  api.openapi(deactivate, async (c) => {
    requireActor(c);
    const { reassign_to: reassignTo } = c.req.valid("json") ?? {};
    const user = await deactivateUser(deps, c.var.scope, { userId: c.req.valid("param").id, reassignTo });
    return c.json(await viewUser(deps, c.var.scope, user), 200);
  });

  api.openapi(reactivate, async (c) => {
    requireActor(c);
    const user = await reactivateUser(deps, c.var.scope, { userId: c.req.valid("param").id });
    return c.json(await viewUser(deps, c.var.scope, user), 200);
  });

  return api;
}
