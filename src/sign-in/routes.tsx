import { type Context, Hono } from "hono";

import type { Deps } from "#platform/deps.ts";
import { getOwnCookie } from "#platform/http/cookies.ts";
import { readForm } from "#platform/http/form.ts";
import { localPath } from "#platform/http/local-path.ts";
import { PASSWORD_SET_COOKIE, readPasswordSet } from "#recovery/password-set-cookie.ts";
import { OWN_PASSWORD_PAGE } from "#sessions/must-change.ts";
import { prolongSession } from "#sessions/session.ts";
import { readSessionId, requireSession, type SessionEnv, takeSessionId } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { RENEW_SESSION_ADDRESS, SessionRenewed } from "#ui/session-left.tsx";
import { type SignInNotice, SignInPage } from "./pages.tsx";
import { faultOfSignIn, signInBrowser } from "./sign-in-browser.ts";
import { signOut } from "./sign-out.ts";

/** What the address of the page says, by what led to it. */
const LED_BY: Readonly<Record<string, SignInNotice>> = {
  "signed-out": "signed_out",
  "everything-ended": "everything_ended",
};

function noticeIn(query: Readonly<Record<string, string>>): SignInNotice | undefined {
  return Object.entries(LED_BY).find(([name]) => Object.hasOwn(query, name))?.[1];
}

/** Signing in and out. */
export function signInRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/sign-in", (c) => {
      const { instance } = c.var.scope;
      const next = localPath(c.req.query("next"));
      const identifier = readPasswordSet(getOwnCookie(c, instance.origin, PASSWORD_SET_COOKIE.name))?.username;
      // Who has just set a password by a link is not always who is signed in on this browser.
      if (c.var.session && identifier === undefined) return c.redirect(next ?? "/", 303);
      const notice = identifier ? "password_set" : noticeIn(c.req.query());
      return c.html(
        <SignInPage assets={assets} instance={instance} identifier={identifier} next={next} notice={notice} />,
      );
    })
    .post("/sign-in", async (c) => {
      const { instance } = c.var.scope;
      const { identifier, password, next } = await readForm(c, ["identifier", "password", "next"]);
      try {
        const { mustChangePassword } = await signInBrowser(deps, c, { identifier, password });
        return c.redirect(mustChangePassword ? OWN_PASSWORD_PAGE : (localPath(next) ?? "/"), 303);
      } catch (error) {
        const { fault, status } = faultOfSignIn(c, error);
        return c.html(
          <SignInPage
            assets={assets}
            instance={instance}
            identifier={identifier}
            next={localPath(next)}
            fault={fault}
          />,
          status,
        );
      }
    })
    .post(RENEW_SESSION_ADDRESS, async (c) => {
      const { expiresAt, endsAt } = await prolongSession(deps, c.var.scope, requireSession(c));
      if (c.req.header("HX-Request") !== "true") return c.redirect("/", 303);
      const session = { expiresAt, isRenewable: expiresAt < endsAt };
      return c.html(<SessionRenewed session={session} now={deps.clock.now()} />);
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
