import type { Context } from "hono";

import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { dropOwnCookie, getOwnCookie, setOwnCookie } from "#platform/http/cookies.ts";
import type { Session } from "./session.ts";

/** Hono's variables once sessions are known: the scope's actor is the signed-in user then. */
export interface SessionEnv {
  Variables: {
    requestId: string;
    scope: Scope;
    session: Session | undefined;
    /** Asks again who acts, for an answer that lasts; undefined once the session or key has ended. */
    actingNow: () => Promise<Scope | undefined>;
  };
}

const COOKIE = { name: "rekey" };
/** Holds the id of the session from which the browser signed out: it opens nothing, and says whose pages other tabs still show. */
const FORMER_COOKIE = { name: "rekey_former" };

/** What a page asks for by itself bears this header. */
const AUTOMATIC_HEADER = "Rekey-Automatic";

/** @returns whether no person asked for it, so that a browser left open does not keep its session alive. */
export function isAutomatic(c: Context): boolean {
  return c.req.header(AUTOMATIC_HEADER) !== undefined || c.req.header("Accept") === "text/event-stream";
}

/** @returns the opaque id that the browser holds, live or not. */
export function readSessionId(c: Context, origin: string): string | undefined {
  return getOwnCookie(c, origin, COOKIE.name);
}

/** @returns the same, or the id of the session from which the browser signed out. It says who was here, and lets nobody in. */
export function readFormerSessionId(c: Context, origin: string): string | undefined {
  return readSessionId(c, origin) ?? getOwnCookie(c, origin, FORMER_COOKIE.name);
}

/** The browser is signed in from the next request on. */
export function giveSessionId(c: Context, origin: string, id: string): void {
  setOwnCookie(c, origin, COOKIE, id);
}

/** The browser is signed out. */
export function takeSessionId(c: Context, origin: string): void {
  const id = readSessionId(c, origin);
  if (id !== undefined) setOwnCookie(c, origin, FORMER_COOKIE, id);
  dropOwnCookie(c, origin, COOKIE.name);
}

/** @returns the scope in which the person of the session acts. */
export function scopeOf(scope: Scope, { user, freshUntil }: Session): Scope {
  return { ...scope, actor: { type: "user", id: user.id, name: user.name, role: user.role, freshUntil } };
}

/** From here on the request acts as the person of the session; as before where there is none. */
export function actAs(c: Context<SessionEnv>, session: Session | undefined): void {
  c.set("session", session);
  if (session) c.set("scope", scopeOf(c.var.scope, session));
}

/** @throws sign_in_required unless a person or a program of theirs acts. */
export function requireActor(c: Context<SessionEnv>): void {
  if (c.var.scope.actor.type === "stranger") throw new RekeyError("sign_in_required");
}

/** @throws sign_in_required unless somebody is signed in. */
export function requireSession(c: Context<SessionEnv>): Session {
  const { session } = c.var;
  if (!session) throw new RekeyError("sign_in_required");
  return session;
}
