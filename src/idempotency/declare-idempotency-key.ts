import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Env } from "hono";

import { PUBLIC } from "#platform/http/api.ts";

const HEADERS = z.object({
  "Idempotency-Key": z.string().optional().openapi({
    description:
      "Chosen by the caller. A POST with it is done once within 24 hours and answered the same again, without what is shown only once.",
  }),
});

/** The document says of every POST that it takes the header, but of those that anybody may call: nobody is known there by whom a key is kept. */
export function declareIdempotencyKey<E extends Env>({ openAPIRegistry: registry }: OpenAPIHono<E>): void {
  for (const definition of registry.definitions) {
    if (definition.type !== "route" || definition.route.method !== "post") continue;
    const { route } = definition;
    if (route.security !== PUBLIC) route.request = { ...route.request, headers: HEADERS };
  }
}
