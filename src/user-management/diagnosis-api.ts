import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import type { Deps } from "#platform/deps.ts";
import { createApi, json, noQuery, problems } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { type Cause, CAUSE_CODES } from "./cause.ts";
import { causeWords } from "./cause-words.ts";
import { diagnose, type Diagnosis } from "./diagnose.ts";

const causeSchema = z
  .object({
    cause: z.enum(CAUSE_CODES),
    title: z.string(),
    detail: z.string(),
    since: z.iso.datetime().nullable(),
    until: z.iso.datetime().nullable(),
    recovery_id: z.uuid().nullable(),
    tried: z.string().nullable(),
    fix: z.object({ action: z.string(), allowed: z.boolean(), reason: z.string().nullable() }).nullable(),
  })
  .openapi("Cause");

const get = createRoute({
  method: "get",
  path: "/users/{id}/diagnosis",
  request: { params: z.object({ id: z.string() }), query: noQuery },
  responses: {
    200: json(
      z.object({ items: z.array(causeSchema), next_cursor: z.null() }),
      "Why this person cannot sign in: the true cause first, each with what cures it",
    ),
    ...problems(401, 403, 404),
  },
});

/** Why a user cannot sign in, over the JSON API. */
export function diagnosisApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(get, async (c) => {
    requireActor(c);
    const { scope } = c.var;
    const diagnosis = await diagnose(deps, scope, { userId: c.req.valid("param").id });
    const of = { now: deps.clock.now(), timeZone: scope.instance.timeZone };
    return c.json(
      { items: diagnosis.causes.map((cause) => toCauseView(cause, diagnosis, of)), next_cursor: null },
      200,
    );
  });

  return api;
}

function toCauseView(
  cause: Cause,
  { user, here, actions }: Diagnosis,
  of: { now: Date; timeZone: string },
): z.infer<typeof causeSchema> {
  return {
    cause: cause.code,
    ...causeWords(cause, { user, here, ...of }),
    since: cause.since?.toISOString() ?? null,
    until: cause.until?.toISOString() ?? null,
    recovery_id: cause.recovery?.id ?? null,
    tried: cause.tried ?? null,
    fix: cause.fix && { action: cause.fix, ...actions[cause.fix] },
  };
}
