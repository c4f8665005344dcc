import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf, RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import type { TemporaryPasswordSet } from "#recovery/set-temporary-password.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { requirePermission } from "#users/permissions.ts";
import { END_EVERYTHING_ADDRESS, EndEverythingPage } from "./end-everything-page.tsx";
import { endEverything } from "./end-everything.ts";
import { APPROVALS_ADDRESS, ApprovalsPage } from "./approvals-page.tsx";
import { approve, listShownApprovals, refuse } from "./decide-approval.ts";

type C = Context<SessionEnv>;

/** Where a second administrator agrees, or not, and where everything ends in an emergency. */
export function safeguardRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(APPROVALS_ADDRESS, (c) => show(deps, assets, c))
    .post(`${APPROVALS_ADDRESS}/:id/approve`, (c) =>
      decideOnPage(deps, c, async () => {
        const { set } = await approve(deps, c.var.scope, { id: c.req.param("id") });
        return set?.password === undefined ? c.redirect(APPROVALS_ADDRESS, 303) : show(deps, assets, c, set);
      }),
    )
    .post(`${APPROVALS_ADDRESS}/:id/refuse`, (c) =>
      decideOnPage(deps, c, async () => {
        await refuse(deps, c.var.scope, { id: c.req.param("id") });
        return c.redirect(APPROVALS_ADDRESS, 303);
      }),
    )
    .get(END_EVERYTHING_ADDRESS, (c) => askToEnd(deps, assets, c, { reason: "", faults: [] }))
    .post(END_EVERYTHING_ADDRESS, async (c) => {
      requireSession(c);
      const { reason } = await readForm(c, ["reason"]);
      try {
        await endEverything(deps, c.var.scope, { reason });
        return c.redirect("/sign-in?everything-ended", 303);
      } catch (error) {
        return askToEnd(deps, assets, c, { reason, faults: fieldFaultsOf(error) });
      }
    });
}

/** Where somebody else was quicker, a notification says so, and the list what became of it. */
async function decideOnPage(deps: Deps, c: C, decide: () => Promise<Response>): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  try {
    return await decide();
  } catch (error) {
    if (!(error instanceof RekeyError) || error.code !== "approval_decided") throw error;
    const told = { kind: "info", title: "Approvals", text: error.title } as const;
    await deps.db.inInstance(scope.instance.id, (tx) => notify(tx, scope, deps.clock.now(), told));
    return c.redirect(APPROVALS_ADDRESS, 303);
  }
}

async function askToEnd(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { reason: string; faults: readonly FieldFault[] },
): Promise<Response> {
  requireSession(c);
  requirePermission(c.var.scope, "settings.edit");
  const frame = await readFrame(deps, assets, c, "settings");
  return c.html(<EndEverythingPage frame={frame} {...form} />, form.faults.length > 0 ? 422 : 200);
}

async function show(deps: Deps, assets: Assets, c: C, set?: TemporaryPasswordSet): Promise<Response> {
  requireSession(c);
  const { instance } = c.var.scope;
  const approvals = await listShownApprovals(deps, c.var.scope);
  const frame = await readFrame(deps, assets, c, "settings");
  c.header("Cache-Control", "no-store");
  const page = { approvals, timeZone: instance.timeZone, made: set && { set, instance } };
  return c.html(<ApprovalsPage frame={frame} {...page} />);
}
