import { type Context, Hono } from "hono";

import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { dropOwnCookie, getOwnCookie } from "#platform/http/cookies.ts";
import { readForm } from "#platform/http/form.ts";
import { PASSWORD_SET_COOKIE } from "#recovery/password-set-cookie.ts";
import { giveBrowserId, readBrowserId } from "#sessions/known-browser.ts";
import { OWN_PASSWORD_PAGE } from "#sessions/must-change.ts";
import { giveSessionId, readSessionId, type SessionEnv, takeSessionId } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { SignInPage } from "./pages.tsx";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";

/** Signing in and out. */
export function signInRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/sign-in", (c) => {
      const { instance } = c.var.scope;
      const next = localPath(c.req.query("next"));
      if (c.var.session) return c.redirect(next ?? "/", 303);
      const identifier = getOwnCookie(c, instance.origin, PASSWORD_SET_COOKIE.name);
      const notice = identifier ? "password_set" : c.req.query("signed-out") === undefined ? undefined : "signed_out";
      return c.html(
        <SignInPage assets={assets} instance={instance} identifier={identifier} next={next} notice={notice} />,
      );
    })
    .post("/sign-in", async (c) => {
      const { instance } = c.var.scope;
      const browserId = readBrowserId(c, instance.origin);
      const { identifier, password, next } = await readForm(c, ["identifier", "password", "next"]);
      try {
        const { sessionId, mustChangePassword } = await signIn(deps, c.var.scope, {
          identifier,
          password,
          userAgent: c.req.header("User-Agent"),
          browserId,
          formerSessionId: readSessionId(c, instance.origin),
        });
        giveSessionId(c, instance.origin, sessionId);
        giveBrowserId(c, instance.origin, browserId);
        dropOwnCookie(c, instance.origin, PASSWORD_SET_COOKIE.name);
        return c.redirect(mustChangePassword ? OWN_PASSWORD_PAGE : (localPath(next) ?? "/"), 303);
      } catch (error) {
        if (!(error instanceof RekeyError && (error.status === 401 || error.status === 429))) throw error;
        const page = { assets, instance, identifier, next: localPath(next), fault: `${error.title} ${error.detail}` };
        if (error.retryAfterSeconds !== undefined) c.header("Retry-After", String(error.retryAfterSeconds));
        return c.html(<SignInPage {...page} />, error.status);
      }
    })
    .post("/sign-out", async (c) => {
      await endOwnSession(deps, c);
      return c.redirect("/sign-in?signed-out", 303);
    });
}

async function endOwnSession(deps: Deps, c: Context<SessionEnv>): Promise<void> {
  const { instance } = c.var.scope;
  const sessionId = readSessionId(c, instance.origin);
  if (sessionId && c.var.session) await signOut(deps, c.var.scope, sessionId);
  takeSessionId(c, instance.origin);
}

/** @returns the path when it stays on this site; `//host` and `/\host` would leave it (OWASP Unvalidated Redirects Cheat Sheet). */
function localPath(path: string | undefined): string | undefined {
  return path && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(path) ? path : undefined;
}
