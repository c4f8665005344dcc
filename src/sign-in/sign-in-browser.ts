import type { Context } from "hono";

import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { dropOwnCookie, getOwnCookie } from "#platform/http/cookies.ts";
import { PASSWORD_SET_COOKIE } from "#recovery/password-set-cookie.ts";
import { giveBrowserId, readBrowserId } from "#sessions/known-browser.ts";
import { giveSessionId, readSessionId, type SessionEnv } from "#sessions/session-cookie.ts";
import { type SignedIn, signIn } from "./sign-in.ts";

type C = Context<SessionEnv>;

/** The browser that sent the request is signed in from the next one on, and known to the account. @throws what `signIn` throws */
export async function signInBrowser(
  deps: Deps,
  c: C,
  given: { identifier: string; password: string },
): Promise<SignedIn> {
  const { origin } = c.var.scope.instance;
  const browserId = readBrowserId(c, origin);
  const userAgent = c.req.header("User-Agent");
  const formerSessionId = readSessionId(c, origin);
  const signedIn = await signIn(deps, c.var.scope, { ...given, userAgent, browserId, formerSessionId });
  giveSessionId(c, origin, signedIn.sessionId);
  giveBrowserId(c, origin, browserId);
  const { name } = PASSWORD_SET_COOKIE;
  if (getOwnCookie(c, origin, name) !== undefined) dropOwnCookie(c, origin, name);
  return signedIn;
}

/** @returns the words and status with which the form comes back. What is no refusal of a sign-in is thrown on. */
export function faultOfSignIn(c: C, error: unknown): { fault: string; status: 401 | 429 } {
  if (!(error instanceof RekeyError && (error.status === 401 || error.status === 429))) throw error;
  if (error.retryAfterSeconds !== undefined) c.header("Retry-After", String(error.retryAfterSeconds));
  return { fault: `${error.title} ${error.detail}`, status: error.status };
}
