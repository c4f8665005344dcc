import { type Context, Hono } from "hono";

import { requireSamePasswords } from "#credentials/new-password-fields.tsx";
import { type FieldFault, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { dropOwnCookie, getOwnCookie, setOwnCookie } from "#platform/http/cookies.ts";
import { readForm } from "#platform/http/form.ts";
import { answerActed } from "#sessions/answer-acted.tsx";
import { returnPath } from "#sessions/return-path.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import { requireSession } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { requirePermission } from "#users/permissions.ts";
import { adviceRoutes } from "./advice-routes.tsx";
import { disownChange, readDisowner } from "./disown-change.ts";
import { DeadNotMeLinkPage, DisownedPage, NotMePage } from "./not-me-page.tsx";
import { streamChanges } from "./event-stream.ts";
import { openResetLink, proveResetLink } from "./open-reset-link.ts";
import { DeadLinkPage, ForgotPasswordPage, LinkRenewedPage, LinkRequestedPage, NewPasswordPage } from "./pages.tsx";
import { PASSWORD_SET_COOKIE, passwordSetBy, readPasswordSet } from "./password-set-cookie.ts";
import { redeemResetLink } from "./redeem-reset-link.ts";
import { renewResetLink } from "./renew-reset-link.ts";
import { requestRecovery } from "./request-recovery.ts";
import { sendResetLink } from "./send-reset-link.ts";
import { readToken, tokenCookie, tokenInAddress } from "./token-cookie.ts";

type C = Context<SessionEnv>;

/** The click of an administrator, “Forgot password?”, and everything that a mailed link leads to. */
export function recoveryRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return (
    new Hono<SessionEnv>()
      .post("/settings/users/:id/reset-links", (c) => sendLink(deps, c))
      .get("/changes", (c) => {
        requireSession(c);
        requirePermission(c.var.scope, "users.read");
        return streamChanges(deps, c);
      })
      .get("/forgot-password", (c) => c.html(<ForgotPasswordPage assets={assets} instance={c.var.scope.instance} />))
      .post("/forgot-password", async (c) => {
        const { identifier } = await readForm(c, ["identifier"]);
        await requestRecovery(deps, c.var.scope, { identifier });
        return c.redirect("/forgot-password/sent", 303);
      })
      .get("/forgot-password/sent", (c) =>
        c.html(<LinkRequestedPage assets={assets} instance={c.var.scope.instance} />),
      )
      // Where a fresh link was asked for; who comes back to the address has no token to be wrong about.
      .get("/reset-password/renew", (c) => c.redirect("/forgot-password", 303))
      .get("/reset-password/:token", (c) => hideToken(deps, assets, c))
      .get("/reset-password", (c) => showForm(deps, assets, c, { recoveryId: c.req.query("recovery") ?? "" }))
      .post("/reset-password", (c) => redeem(deps, assets, c))
      .post("/reset-password/renew", (c) => renew(deps, assets, c))
      .get("/not-me/:token", (c) => askWhetherDisowned(deps, assets, c))
      .post("/not-me/:token", (c) => disown(deps, assets, c))
      .route("/", adviceRoutes(deps))
  );
}

async function askWhetherDisowned(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const { scope } = c.var;
  const { instance } = scope;
  const token = tokenInAddress(c);
  try {
    const { user, isDisowned } = await readDisowner(deps, scope, { token });
    if (isDisowned) return c.html(<DisownedPage assets={assets} instance={instance} user={user} />);
    return c.html(<NotMePage assets={assets} instance={instance} user={user} action={`/not-me/${token}`} />);
  } catch (error) {
    return deadNotMeLink(assets, c, error);
  }
}

async function disown(deps: Deps, assets: Assets, c: C): Promise<Response> {
  try {
    const user = await disownChange(deps, c.var.scope, { token: c.req.param("token") ?? "" });
    // The password that was set here a moment ago is refused now.
    dropOwnCookie(c, c.var.scope.instance.origin, PASSWORD_SET_COOKIE.name);
    return c.html(<DisownedPage assets={assets} instance={c.var.scope.instance} user={user} />);
  } catch (error) {
    return deadNotMeLink(assets, c, error);
  }
}

/** One click, no dialog: answered by a notification in place, or without script by the page it came from. */
async function sendLink(deps: Deps, c: C): Promise<Response> {
  requireSession(c);
  const { return_to: returnTo, ticket_id: ticketId } = await readForm(c, ["return_to", "ticket_id"]);
  const { scope } = c.var;
  const input = { userId: c.req.param("id") ?? "", ticketId: ticketId || undefined };
  const recovery = await sendResetLink(deps, scope, input);
  return answerActed(deps, c, returnPath(returnTo, `/settings/users/${recovery.userId}`));
}

/**
 * The token leaves the address bar before anything is shown, so that no history, referrer or screenshot keeps it. The cookie
 * is named by the recovery, so that two links opened side by side do not change places.
 */
async function hideToken(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const token = tokenInAddress(c);
  try {
    const recovery = await proveResetLink(deps, c.var.scope, { token });
    setOwnCookie(c, c.var.scope.instance.origin, tokenCookie(recovery.id), token);
    c.header("Referrer-Policy", "no-referrer");
    return c.redirect(`/reset-password?recovery=${recovery.id}`, 303);
  } catch (error) {
    c.header("Referrer-Policy", "no-referrer");
    return deadLink(assets, c, error);
  }
}

async function showForm(
  deps: Deps,
  assets: Assets,
  c: C,
  { recoveryId, faults = [] }: { recoveryId: string; faults?: readonly FieldFault[] },
): Promise<Response> {
  const { scope } = c.var;
  try {
    const opening = { token: readToken(c, recoveryId), isAutomatic: isAutomatic(c) };
    const { recovery, user } = await openResetLink(deps, scope, opening);
    const isInvitation = recovery.origin === "invitation";
    const page = { assets, instance: scope.instance, recoveryId: recovery.id, user, isInvitation, faults };
    return c.html(<NewPasswordPage {...page} />, faults.length > 0 ? 422 : 200);
  } catch (error) {
    return deadLink(assets, c, error, recoveryId);
  }
}

async function redeem(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const form = await readForm(c, ["recovery", "new_password", "confirm_password"]);
  const { scope } = c.var;
  try {
    requireSamePasswords(form);
    const token = readToken(c, form.recovery);
    const user = await redeemResetLink(deps, scope, { token, password: form.new_password });
    dropOwnCookie(c, scope.instance.origin, tokenCookie(form.recovery).name);
    setOwnCookie(c, scope.instance.origin, PASSWORD_SET_COOKIE, passwordSetBy(form.recovery, user.username));
    return c.redirect("/sign-in", 303);
  } catch (error) {
    const isFault = error instanceof RekeyError && error.status === 422;
    if (isFault) return showForm(deps, assets, c, { recoveryId: form.recovery, faults: error.fields.map(asFormField) });
    return deadLink(assets, c, error, form.recovery);
  }
}

async function renew(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const { recovery } = await readForm(c, ["recovery"]);
  try {
    const { sentTo } = await renewResetLink(deps, c.var.scope, { token: readToken(c, recovery) });
    return c.html(<LinkRenewedPage assets={assets} instance={c.var.scope.instance} sentTo={sentTo} />, 202);
  } catch (error) {
    return deadLink(assets, c, error);
  }
}

/** The use case calls the field as the API does. */
function asFormField(fault: FieldFault): FieldFault {
  return { ...fault, field: fault.field === "password" ? "new_password" : fault.field };
}

/** Refusals of a link have a page of their own; everything else is thrown on. */
function deadLink(assets: Assets, c: C, error: unknown, recoveryId?: string): Response | Promise<Response> {
  const refusal = refusalOfLink(error);
  if (recoveryId !== undefined && hasJustSet(c, recoveryId)) return c.redirect("/sign-in", 303);
  const proven = refusal.code === "link_invalid" ? undefined : recoveryId;
  const page = <DeadLinkPage assets={assets} instance={c.var.scope.instance} refusal={refusal} recoveryId={proven} />;
  return c.html(page, refusal.status as DeadLinkStatus);
}

/** Who wanted to say “This was not me” is led to somebody who can freeze the account, not to a fresh password. */
function deadNotMeLink(assets: Assets, c: C, error: unknown): Response | Promise<Response> {
  const refusal = refusalOfLink(error);
  const page = <DeadNotMeLinkPage assets={assets} instance={c.var.scope.instance} refusal={refusal} />;
  return c.html(page, refusal.status as DeadLinkStatus);
}

type DeadLinkStatus = 404 | 409 | 410;

function refusalOfLink(error: unknown): RekeyError {
  if (error instanceof RekeyError && error.code.startsWith("link_")) return error;
  throw error;
}

/** Whoever clicked twice, or came back to the page, is not told that the link is used up, but that their password is set. */
function hasJustSet(c: C, recoveryId: string): boolean {
  const { origin } = c.var.scope.instance;
  return readPasswordSet(getOwnCookie(c, origin, PASSWORD_SET_COOKIE.name))?.recoveryId === recoveryId;
}

/** Nobody reads what comes without a body or is loaded ahead (Fetch Standard, "Sec-Purpose"). */
function isAutomatic(c: C): boolean {
  const purpose = c.req.header("Sec-Purpose") ?? c.req.header("Purpose") ?? "";
  return c.req.method === "HEAD" || purpose.includes("prefetch");
}
