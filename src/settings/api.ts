import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";

import { type Language, LANGUAGES } from "#lib/language.ts";
import type { Deps } from "#platform/deps.ts";
import { bodyOf, createApi, json, noQuery, problems, textOf } from "#platform/http/api.ts";
import { requireActor, type SessionEnv } from "#sessions/session-cookie.ts";
import { getSettings, LIMITS, LONGEST_NAME } from "./settings.ts";
import { updateSettings } from "./update-settings.ts";

const within = ([least, most]: readonly [number, number]) => z.number().int().min(least).max(most);

const settingsSchema = z
  .object({
    name: textOf(LONGEST_NAME),
    accent_hue: within(LIMITS.accent_hue),
    mail_from: textOf(320).nullable(),
    reply_to: textOf(320).nullable(),
    time_zone: textOf(64),
    language: z.enum(Object.keys(LANGUAGES) as [Language, ...Language[]]),
    open_crm_url: textOf(2000).nullable(),
    link_lifetime_minutes: within(LIMITS.link_lifetime_minutes),
    invitation_lifetime_minutes: within(LIMITS.invitation_lifetime_minutes),
    session_idle_minutes: within(LIMITS.session_idle_minutes),
    session_absolute_minutes: within(LIMITS.session_absolute_minutes),
    allows_typed_passwords: z.boolean(),
    requires_verification_for_links: z.boolean(),
    allows_copied_links: z.boolean(),
    lockout_failures: within(LIMITS.lockout_failures),
    lockout_minutes: within(LIMITS.lockout_minutes),
  })
  .openapi("Settings");

const get = createRoute({
  method: "get",
  path: "/settings",
  request: { query: noQuery },
  responses: { 200: json(settingsSchema, "The settings of the instance"), ...problems(401, 403) },
});

const update = createRoute({
  method: "patch",
  path: "/settings",
  request: {
    query: noQuery,
    body: bodyOf(z.strictObject(settingsSchema.partial().shape)),
  },
  responses: { 200: json(settingsSchema, "The settings as changed"), ...problems(401, 403, 422) },
});

/** The settings of the instance over the JSON API. */
export function settingsApi(deps: Deps): OpenAPIHono<SessionEnv> {
  const api = createApi<SessionEnv>();

  api.openapi(get, async (c) => {
    requireActor(c);
    return c.json(await getSettings(deps, c.var.scope), 200);
  });

  api.openapi(update, async (c) => {
    requireActor(c);
    return c.json(await updateSettings(deps, c.var.scope, c.req.valid("json")), 200);
  });

  return api;
}
