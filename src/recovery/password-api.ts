import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { recoverySchema, viewRecovery } from "./recovery-view.ts";
import { requireNewPassword } from "./require-new-password.ts";
import { setTemporaryPassword } from "./set-temporary-password.ts";
import { verificationSchema } from "./verification-schema.ts";

const idParam = z.object({ id: z.string() });

const setTemporary = createRoute({
  method: "post",
  path: "/users/{id}/temporary-password",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        mode: z.enum(["generated", "typed"]),
        password: z.string().max(2048).optional(),
        verification: verificationSchema,
        ticket_id: z.uuid().optional(),
      }),
    ),
  },
  responses: {
    201: json(
      z.object({
        recovery: recoverySchema,
        password: z.string().optional(),
        expires_at: z.iso.datetime(),
        verified: z.literal(true),
      }),
      "The user can sign in with it now, and has to change it; `password` is there when it was generated, this once",
    ),
    ...problems(401, 403, 404, 409, 422),
  },
});

const requireNew = createRoute({
  method: "post",
  path: "/users/{id}/require-new-password",
  request: {
    params: idParam,
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        reason: textOf(500).optional(),
        verification: verificationSchema.optional(),
        ticket_id: z.uuid().optional(),
      }),
      { required: false },
    ),
  },
  responses: {
    202: json(recoverySchema, "Sessions are over, the old password is refused, and the link is queued or on its way"),
    ...problems(401, 403, 404, 409, 422, 429),
  },
});

/** What an administrator does to somebody's password, over the JSON API. */
export function passwordApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(setTemporary, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    const { ticket_id: ticketId, ...others } = c.req.valid("json");
    const set = await setTemporaryPassword(deps, scope, { userId: c.req.valid("param").id, ticketId, ...others });
    const { recovery, password, expiresAt } = set;
    const shown = password === undefined ? {} : { password };
    const answer = {
      recovery: await viewRecovery(deps, scope, recovery),
      expires_at: expiresAt.toISOString(),
      ...shown,
    };
    return c.json({ ...answer, verified: true } as const, 201);
  });

  api.openapi(requireNew, async (c) => {
    requireActor(c);
    const { reason, ticket_id: ticketId, verification } = c.req.valid("json") ?? {};
    const input = { userId: c.req.valid("param").id, reason, ticketId, verification };
    const recovery = await requireNewPassword(deps, c.var.scope, input);
    return c.json(await viewRecovery(deps, c.var.scope, recovery), 202);
  });

  return api;
}
