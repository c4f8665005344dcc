import { Hono } from "hono";

import { after, DAY_MS } from "#lib/clock.ts";
import { senderOf } from "#mail-delivery/sender.ts";
import type { Deps } from "#platform/deps.ts";
import { OWN_PASSWORD_PAGE } from "#sessions/must-change.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";

/** RFC 9116, section 2.5.5, asks for less than a year. */
const SECURITY_TXT_LIFE_MS = 180 * DAY_MS;

/** Where programs look by convention: how to change a password, and whom to tell about a hole (RFC 9116). */
export function wellKnownRoutes(deps: Deps): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/.well-known/change-password", (c) => c.redirect(c.var.session ? OWN_PASSWORD_PAGE : "/forgot-password", 303))
    .get("/.well-known/security.txt", (c) => {
      const { instance } = c.var.scope;
      const lines = [
        `Contact: mailto:${senderOf(instance, deps.mail.defaultSender).address}`,
        `Expires: ${after(deps.clock.now(), SECURITY_TXT_LIFE_MS).toISOString()}`,
        "Preferred-Languages: en",
        `Canonical: ${instance.origin}/.well-known/security.txt`,
      ];
      return c.text(`${lines.join("\n")}\n`);
    });
}
