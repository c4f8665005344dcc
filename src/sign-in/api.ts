import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, PUBLIC, SESSION_ONLY } from "#platform/http/api.ts";
import { changeOwnPassword } from "#recovery/change-own-password.ts";
import { confirmSignIn } from "#sessions/fresh-sign-in.ts";
import {
  giveSessionId,
  readSessionId,
  requireSession,
  type SessionEnv,
  takeSessionId,
} from "#sessions/session-cookie.ts";
import { ROLES } from "#users/roles.ts";
import type { User } from "#users/user.ts";
import { signInBrowser } from "./sign-in-browser.ts";
import { signOut } from "./sign-out.ts";

const personSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    role: z.string(),
  })
  .openapi("SignedInUser");

const start = createRoute({
  method: "post",
  path: "/session",
  security: PUBLIC,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ identifier: z.string().max(320), password: z.string().max(2048) })),
  },
  responses: {
    200: json(
      z.object({ user: personSchema, must_change_password: z.boolean() }),
      "Signed in; the cookie holds the session",
    ),
    ...problems(401, 422, 429),
  },
});

const get = createRoute({
  method: "get",
  path: "/session",
  security: SESSION_ONLY,
  request: { query: noQuery },
  responses: {
    200: json(
      z.object({
        user: personSchema,
        permissions: z.array(z.string()),
        must_change_password: z.boolean(),
        expires_at: z.iso.datetime(),
      }),
      "Who is signed in",
    ),
    ...problems(401),
  },
});

const changePassword = createRoute({
  method: "post",
  path: "/session/password",
  security: SESSION_ONLY,
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject({ current_password: z.string().max(2048), new_password: z.string().max(2048) })),
  },
  responses: { 204: { description: "One's own password is changed" }, ...problems(401, 422, 429) },
});

const stepUp = createRoute({
  method: "post",
  path: "/session/step-up",
  security: SESSION_ONLY,
  request: { query: noQuery, body: bodyOf(z.strictObject({ password: z.string().max(2048) })) },
  responses: { 204: { description: "A fresh sign-in for the next 10 minutes" }, ...problems(401, 422, 429) },
});

const end = createRoute({
  method: "delete",
  path: "/session",
  security: SESSION_ONLY,
  request: { query: noQuery },
  responses: { 204: { description: "Signed out" }, ...problems(401) },
});

/** One's own session over the JSON API. */
export function signInApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(start, async (c) => {
    const { user, mustChangePassword } = await signInBrowser(deps, c, c.req.valid("json"));
    return c.json({ user: toPerson(user), must_change_password: mustChangePassword }, 200);
  });

  api.openapi(get, (c) => {
    const { user, mustChangePassword, expiresAt } = requireSession(c);
    const answer = {
      user: toPerson(user),
      permissions: mustChangePassword ? [] : [...ROLES[user.role].permissions],
      must_change_password: mustChangePassword,
      expires_at: expiresAt.toISOString(),
    };
    return c.json(answer, 200);
  });

  api.openapi(changePassword, async (c) => {
    const { user, id } = requireSession(c);
    const { current_password: currentPassword, new_password: newPassword } = c.req.valid("json");
    const passwords = { currentPassword, newPassword };
    const renewedId = await changeOwnPassword(deps, c.var.scope, { user, sessionId: id, ...passwords });
    giveSessionId(c, c.var.scope.instance.origin, renewedId);
    return c.body(null, 204);
  });

  api.openapi(stepUp, async (c) => {
    const session = requireSession(c);
    const { id } = await confirmSignIn(deps, c.var.scope, { session, password: c.req.valid("json").password });
    giveSessionId(c, c.var.scope.instance.origin, id);
    return c.body(null, 204);
  });

  api.openapi(end, async (c) => {
    requireSession(c);
    const { origin } = c.var.scope.instance;
    await signOut(deps, c.var.scope, readSessionId(c, origin) ?? "");
    takeSessionId(c, origin);
    return c.body(null, 204);
  });

  return api;
}

function toPerson(user: User): z.infer<typeof personSchema> {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    role: user.role,
  };
}
