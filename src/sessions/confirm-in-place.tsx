import type { Context, MiddlewareHandler } from "hono";

import { type FieldFault, fieldFaultsOf, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import type { Assets } from "#ui/assets.ts";
import { showInDialog } from "#ui/dialog.tsx";
import { carry, putBack, unpack } from "./carried-request.ts";
import { ConfirmDialog, ConfirmPage } from "./confirm-page.tsx";
import { confirmSignIn } from "./fresh-sign-in.ts";
import { actAs, giveSessionId, requireSession, type SessionEnv } from "./session-cookie.ts";

type C = Context<SessionEnv>;

/** What is sent to an address with this was asked for before, and brings the password along. */
const MARK = "confirmed";

/** Answers what needs a fresh sign-in: asks for the password in place, and carries along what was asked for. */
export async function askToConfirm(deps: Deps, assets: Assets, c: C): Promise<Response> {
  return show(assets, c, { carried: await carry(deps, c, requireSession(c).user.id), faults: [] });
}

/** Lets through what was carried here, once the password that came with it is right. */
export function confirmInPlace(deps: Deps, assets: Assets): MiddlewareHandler<SessionEnv> {
  return async (c, next) => {
    if (c.req.method !== "POST" || c.req.query(MARK) === undefined) return next();
    const session = requireSession(c);
    const { carried, password } = await readForm(c, ["carried", "password"]);
    const request = unpack(deps, c, carried);
    if (request.userId !== session.user.id) throw new RekeyError("invalid_request");
    try {
      const confirmed = await confirmSignIn(deps, c.var.scope, { session, password });
      giveSessionId(c, c.var.scope.instance.origin, confirmed.id);
      actAs(c, confirmed);
    } catch (error) {
      return show(assets, c, { carried, faults: fieldFaultsOf(error) });
    }
    const { form } = request;
    if (form === null) return c.redirect(c.req.path, 303);
    putBack(c, { ...request, form });
    return next();
  };
}

function show(
  assets: Assets,
  c: C,
  of: { carried: string; faults: readonly FieldFault[] },
): Response | Promise<Response> {
  const action = `${c.req.path}?${MARK}`;
  const props = { ...of, action, username: requireSession(c).user.username };
  const status = of.faults.length > 0 ? 422 : 403;
  c.header("Cache-Control", "no-store");
  if (c.req.header("HX-Request") !== "true")
    return c.html(<ConfirmPage assets={assets} instance={c.var.scope.instance} {...props} />, status);
  return showInDialog(c, <ConfirmDialog {...props} />, status);
}
