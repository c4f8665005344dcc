import type { MiddlewareHandler } from "hono";

import { RekeyError } from "#lib/errors.ts";
import type { SessionEnv } from "./session-cookie.ts";

/** Where a session may go that began with a temporary password: who am I, sign out, set the password. */
const ALLOWED_IN_API: ReadonlySet<string> = new Set([
  "GET /api/v1/session",
  "DELETE /api/v1/session",
  "POST /api/v1/session/password",
]);

/** The same as pages, and what anybody may open without signing in at all. */
export const OWN_PASSWORD_PAGE = "/account/password";
const ALLOWED_PAGES =
  /^\/(account\/password|sign-out|sign-in|forgot-password|reset-password|not-me|contact|ticket-answers|find-instance|assets)(\/|$)/;

/** Until a temporary password is changed, everything else is refused. @throws password_change_required */
export const requireOwnPassword: MiddlewareHandler<SessionEnv> = async (c, next) => {
  if (c.var.session?.mustChangePassword && !isAllowed(c.req.method, c.req.path))
    throw new RekeyError("password_change_required");
  await next();
};

function isAllowed(method: string, path: string): boolean {
  if (!path.startsWith("/api/")) return ALLOWED_PAGES.test(path);
  return ALLOWED_IN_API.has(`${method === "HEAD" ? "GET" : method} ${path}`);
}
