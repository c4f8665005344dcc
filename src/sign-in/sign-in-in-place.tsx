import type { Context, MiddlewareHandler } from "hono";

import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { carry, type CarriedRequest, isCarried, putBack, unpack } from "#sessions/carried-request.ts";
import { OWN_PASSWORD_PAGE } from "#sessions/must-change.ts";
import { findOwner, readSession } from "#sessions/session.ts";
import { actAs, readFormerSessionId, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { showInDialog } from "#ui/dialog.tsx";
import { SignInDialog, SignInPage } from "./pages.tsx";
import { faultOfSignIn, signInBrowser } from "./sign-in-browser.ts";

type C = Context<SessionEnv>;

/** What is sent to an address with this was clicked when the session had ended, and brings a sign-in along. */
const MARK = "signed-in";

/** Answers a click that came after the session had ended: asks for the password in place, and carries along what was clicked. */
export async function askToSignInAgain(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const { scope } = c.var;
  const id = readFormerSessionId(c, scope.instance.origin);
  const owner = id ? await deps.db.inInstance(scope.instance.id, (tx) => findOwner(tx, scope, id)) : undefined;
  const carried = await carry(deps, c, owner?.id ?? null);
  const identifier = owner?.username;
  return show(assets, c, { carried, identifier, isKept: isCarried(c), fault: undefined, status: 401 });
}

/** Lets through what was carried here, once, when whoever clicked it has signed in again. */
export function signInInPlace(deps: Deps, assets: Assets): MiddlewareHandler<SessionEnv> {
  return async (c, next) => {
    if (c.req.method !== "POST" || c.req.query(MARK) === undefined) return next();
    const { carried, identifier, password } = await readForm(c, ["carried", "identifier", "password"]);
    const request = unpack(deps, c, carried);
    try {
      const { sessionId, mustChangePassword } = await signInBrowser(deps, c, { identifier, password });
      if (mustChangePassword && c.req.path !== OWN_PASSWORD_PAGE) return goTo(c, OWN_PASSWORD_PAGE);
      actAs(c, await readSession(deps, c.var.scope, { id: sessionId, isActivity: false }));
    } catch (error) {
      return show(assets, c, { carried, identifier, isKept: request.form !== null, ...faultOfSignIn(c, error) });
    }
    if (!isTheirs(request, c)) return goTo(c, pageOf(c.req.path));
    putBack(c, request);
    return next();
  };
}

/** @returns the page on which something at this address was clicked, or the start page. */
export function pageOf(path: string): string {
  return /^\/settings\/(?:users\/import$|api-keys$|audit(?=\.csv$)|users\/[^/]+(?=\/))/.exec(path)?.[0] ?? "/";
}

/** Whoever signs in instead of the one who clicked did not ask for it. */
function isTheirs(request: CarriedRequest, c: C): request is CarriedRequest & { readonly form: string } {
  return request.form !== null && (request.userId === null || request.userId === c.var.scope.actor.id);
}

function goTo(c: C, page: string): Response {
  if (c.req.header("HX-Request") !== "true") return c.redirect(page, 303);
  if (page === OWN_PASSWORD_PAGE) c.header("HX-Redirect", page);
  else c.header("HX-Refresh", "true");
  return c.body(null, 204);
}

function show(
  assets: Assets,
  c: C,
  of: {
    carried: string;
    identifier: string | undefined;
    isKept: boolean;
    fault: string | undefined;
    status: 401 | 429;
  },
): Response | Promise<Response> {
  const { carried, identifier, isKept, fault, status } = of;
  const form = { action: `${c.req.path}?${MARK}`, carried, identifier, fault };
  c.header("Cache-Control", "no-store");
  if (c.req.header("HX-Request") !== "true")
    return c.html(
      <SignInPage
        assets={assets}
        instance={c.var.scope.instance}
        notice={isKept ? "click_carried" : "click_lost"}
        {...form}
      />,
      status,
    );
  return showInDialog(c, <SignInDialog {...form} isKept={isKept} />, status);
}
