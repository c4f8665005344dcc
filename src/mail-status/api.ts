import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import { refusalWords } from "#mail-delivery/smtp-answer.ts";
import type { SuppressedAddress } from "#mail-delivery/suppressed-address.ts";
import type { Deps } from "#platform/deps.ts";
import { createApi, json, noQuery, problems } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { type MailStatus, readMailStatus } from "./read-mail-status.ts";
import { listSuppressedAddresses, releaseAddress } from "./suppressed-addresses.ts";

const answerSchema = z.object({
  at: z.iso.datetime(),
  to: z.string(),
  server: z.string(),
  answer: z.string(),
});

const statusSchema = z
  .object({
    queue: z.object({
      depth: z.int(),
      /** How long the mail has waited that has waited longest. */
      age_seconds: z.int(),
      last_deferral: z.object({ server: z.string(), answer: z.string() }).nullable(),
    }),
    last_accepted: answerSchema.nullable(),
    last_bounce: answerSchema.nullable(),
    click_to_acceptance: z
      .object({ count: z.int(), p50_ms: z.int(), p95_ms: z.int() })
      .nullable()
      .describe("Single links of the last 24 hours; null when none was accepted"),
  })
  .openapi("MailStatus");

const suppressedSchema = z
  .object({
    id: z.uuid(),
    address: z.string(),
    server: z.string(),
    answer: z.string(),
    reason: z.string(),
    suppressed_at: z.iso.datetime(),
  })
  .openapi("SuppressedAddress");

const status = createRoute({
  method: "get",
  path: "/mail/status",
  request: { query: noQuery },
  responses: { 200: json(statusSchema, "How the mails of the instance fare"), ...problems(401, 403) },
});

const list = createRoute({
  method: "get",
  path: "/suppressed-addresses",
  request: {
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.uuid().optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ items: z.array(suppressedSchema), next_cursor: z.string().nullable() }),
      "Addresses that bounced for good, newest first",
    ),
    ...problems(401, 403, 422),
  },
});

const release = createRoute({
  method: "delete",
  path: "/suppressed-addresses/{id}",
  request: { params: z.object({ id: z.string() }), query: noQuery },
  responses: { 204: { description: "Mails go to the address again" }, ...problems(401, 403, 404) },
});

/** How mails fare, over the JSON API. */
export function mailStatusApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(status, async (c) => {
    requireActor(c);
    return c.json(toStatusView(await readMailStatus(deps, c.var.scope), deps.clock.now()), 200);
  });

  api.openapi(list, async (c) => {
    requireActor(c);
    const { limit, cursor } = c.req.valid("query");
    const { items, nextCursor } = await listSuppressedAddresses(deps, c.var.scope, { limit, before: cursor });
    return c.json({ items: items.map(toSuppressedView), next_cursor: nextCursor }, 200);
  });

  api.openapi(release, async (c) => {
    requireActor(c);
    await releaseAddress(deps, c.var.scope, { id: c.req.valid("param").id });
    return c.body(null, 204);
  });

  return api;
}

function toStatusView(of: MailStatus, now: Date): z.infer<typeof statusSchema> {
  const { waiting, day } = of;
  const ageMs = waiting.since ? now.getTime() - waiting.since.getTime() : 0;
  return {
    queue: {
      depth: waiting.count,
      age_seconds: Math.max(0, Math.round(ageMs / 1_000)),
      last_deferral: waiting.because ?? null,
    },
    last_accepted: of.lastAccepted ? { ...of.lastAccepted, at: of.lastAccepted.at.toISOString() } : null,
    last_bounce: of.lastBounced ? { ...of.lastBounced, at: of.lastBounced.at.toISOString() } : null,
    click_to_acceptance: day ? { count: day.count, p50_ms: day.p50Ms, p95_ms: day.p95Ms } : null,
  };
}

function toSuppressedView(of: SuppressedAddress): z.infer<typeof suppressedSchema> {
  return {
    id: of.id,
    address: of.address,
    server: of.server,
    answer: of.answer,
    reason: refusalWords(of.answer).what,
    suppressed_at: of.suppressed_at.toISOString(),
  };
}
