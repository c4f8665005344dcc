import { type Context, Hono } from "hono";

import type { Deps } from "#platform/deps.ts";
import type { TemporaryPasswordSet } from "#recovery/set-temporary-password.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { APPROVALS_ADDRESS, ApprovalsPage } from "./approvals-page.tsx";
import { approve, listShownApprovals, refuse } from "./decide-approval.ts";

type C = Context<SessionEnv>;

/** Where a second administrator agrees, or not. */
export function approvalRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(APPROVALS_ADDRESS, (c) => show(deps, assets, c))
    .post(`${APPROVALS_ADDRESS}/:id/approve`, async (c) => {
      requireSession(c);
      const { set } = await approve(deps, c.var.scope, { id: c.req.param("id") });
      return set?.password === undefined ? c.redirect(APPROVALS_ADDRESS, 303) : show(deps, assets, c, set);
    })
    .post(`${APPROVALS_ADDRESS}/:id/refuse`, async (c) => {
      requireSession(c);
      await refuse(deps, c.var.scope, { id: c.req.param("id") });
      return c.redirect(APPROVALS_ADDRESS, 303);
    });
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
