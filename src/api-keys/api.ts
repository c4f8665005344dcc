import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { requirePermission } from "#users/permissions.ts";
import { PERMISSION_NAMES } from "#users/roles.ts";
import { type ApiKey, listApiKeys } from "./api-key.ts";
import { createApiKey } from "./create-api-key.ts";
import { revokeApiKey } from "./revoke-api-key.ts";

const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scopes: z.array(z.enum(PERMISSION_NAMES)),
    created_by: z.uuid(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .openapi("ApiKey");

const list = createRoute({
  method: "get",
  path: "/api-keys",
  request: { query: noQuery },
  responses: {
    200: json(z.object({ items: z.array(apiKeySchema), next_cursor: z.null() }), "The keys that work, newest first"),
    ...problems(401, 403),
  },
});

const create = createRoute({
  method: "post",
  path: "/api-keys",
  request: {
    query: noQuery,
    body: bodyOf(
      z.strictObject({
        name: textOf(100),
        scopes: z.array(z.enum(PERMISSION_NAMES)).max(PERMISSION_NAMES.length),
        expires_at: z.iso.datetime({ offset: true }).optional(),
      }),
    ),
  },
  responses: {
    201: json(
      apiKeySchema.extend({ key: z.string().optional() }),
      "The key, shown this once: not when the answer is repeated",
    ),
    ...problems(401, 403, 422),
  },
});

const revoke = createRoute({
  method: "delete",
  path: "/api-keys/{id}",
  request: { params: z.object({ id: z.string() }), query: noQuery },
  responses: { 204: { description: "The key no longer works" }, ...problems(401, 403, 404) },
});

/** API keys over the JSON API. */
export function apiKeysApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(list, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    requirePermission(scope, "api_keys.manage");
    const keys = await deps.db.inInstance(scope.instance.id, (tx) => listApiKeys(tx, scope, deps.clock.now()));
    return c.json({ items: keys.map(toView), next_cursor: null }, 200);
  });

  api.openapi(create, async (c) => {
    requireActor(c);
    const { name, scopes, expires_at: expires } = c.req.valid("json");
    const expiresAt = expires === undefined ? undefined : new Date(expires);
    const { apiKey, key } = await createApiKey(deps, c.var.scope, {
      name,
      scopes,
      expiresAt,
      sessionId: c.var.session?.id,
    });
    return c.json({ ...toView(apiKey), key }, 201);
  });

  api.openapi(revoke, async (c) => {
    requireActor(c);
    await revokeApiKey(deps, c.var.scope, { id: c.req.valid("param").id });
    return c.body(null, 204);
  });

  return api;
}

function toView(apiKey: ApiKey): z.infer<typeof apiKeySchema> {
  return {
    id: apiKey.id,
    name: apiKey.name,
    scopes: [...apiKey.scopes],
    created_by: apiKey.createdBy,
    created_at: apiKey.createdAt.toISOString(),
    expires_at: apiKey.expiresAt?.toISOString() ?? null,
    last_used_at: apiKey.lastUsedAt?.toISOString() ?? null,
  };
}
