import { Hono } from "hono";

import type { SessionEnv } from "#sessions/session-cookie.ts";

/** Where programs look by convention: how to change a password, and whom to tell about a hole (RFC 9116). */
export function wellKnownRoutes(): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/.well-known/change-password", (c) => c.redirect("/forgot-password", 303))
    .get("/.well-known/security.txt", (c) => {
      const { origin } = c.var.scope.instance;
      const expires = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0, 1)).toISOString();
      return c.text(
        `Contact: ${origin}/forgot-password\nExpires: ${expires}\nPreferred-Languages: en\nCanonical: ${origin}/.well-known/security.txt\n`,
      );
    });
}
