import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, PUBLIC } from "#platform/http/api.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import { requestInstances } from "./request-instances.ts";

const request = createRoute({
  method: "post",
  path: "/instance-requests",
  security: PUBLIC,
  request: { query: noQuery, body: bodyOf(z.strictObject({ email: z.string().max(320) })) },
  responses: { 202: json(z.object({ detail: z.string() }), "The same answer for everybody"), ...problems(422) },
});

/** Find my instance, over the JSON API. */
export function instanceRequestsApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();
  api.openapi(request, async (c) => {
    await requestInstances(deps, c.var.scope, c.req.valid("json"));
    return c.json({ detail: "If an account goes by that address anywhere, a mail says where." }, 202);
  });
  return api;
}
