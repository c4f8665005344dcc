import type { Context } from "hono";

import { RekeyError } from "#lib/errors.ts";
import { getOwnCookie, type OwnCookie } from "#platform/http/cookies.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import { recoveryIdOf } from "./reset-link.ts";

/** @returns the token of a link that was followed. Mail programs and people take along what stands after it, in which no token ends: a full stop, a bracket, a space. */
export function tokenInAddress(c: Context<SessionEnv>): string {
  return /^[\w-]*/.exec(c.req.param("token") ?? "")?.[0] ?? "";
}

/** Holds a link's token once it has left the address bar. Named by what the link is of, so that two open links do not change places. */
export function tokenCookie(id: string): OwnCookie {
  return { name: `rekey_link_${id.replaceAll("-", "")}`, maxAgeSeconds: 1800 };
}

/** @returns the token of an open link. @throws link_invalid when the cookie of that recovery is gone, as it is after half an hour. */
export function readToken(c: Context<SessionEnv>, recoveryId: string): string {
  const token = getOwnCookie(c, c.var.scope.instance.origin, tokenCookie(recoveryId).name) ?? "";
  if (recoveryIdOf(token) === recoveryId) return token;
  throw new RekeyError("link_invalid", {
    detail: "This page was open for too long, or this browser keeps no cookies. Open the link in the mail again.",
  });
}
