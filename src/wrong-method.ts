import type { Context, Hono } from "hono";

import { RekeyError } from "#lib/errors.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/**
 * @returns the refusal of a request that no route takes: of its address, or of its method where the address takes another. The
 *   answer then names those that it takes (RFC 9110, section 15.5.6).
 */
export function nothingFor(app: Hono<SessionEnv>, c: Context<SessionEnv>): RekeyError {
  const methods = methodsOf(app, c.req.path);
  if (methods.length === 0 || methods.includes(c.req.method)) return new RekeyError("not_found");
  c.header("Allow", methods.join(", "));
  const words = new Intl.ListFormat("en", { type: "disjunction" }).format(methods);
  return new RekeyError("method_not_allowed", { detail: `It takes ${words}.` });
}

/** What runs for every method, such as the reading of the session, makes no address. */
function methodsOf({ router }: Hono<SessionEnv>, path: string): readonly string[] {
  const taken = METHODS.filter((method) =>
    router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
  return taken.includes("GET") ? ["GET", "HEAD", ...taken.slice(1)] : taken;
}
