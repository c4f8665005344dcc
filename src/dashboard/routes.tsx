import { Hono } from "hono";

import type { Deps } from "#platform/deps.ts";
import { readFrame } from "#sessions/frame.ts";
import { isAutomatic, requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { findMissingPermission } from "#users/permissions.ts";
import { DashboardPage } from "./dashboard-page.tsx";
import { readFigure, readFigures } from "./figures.ts";
import { FigurePage } from "./figures-page.tsx";
import { readOverview } from "./read-overview.ts";

/** Where signing in leads. */
export function dashboardRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/", async (c) => {
      requireSession(c);
      const { scope } = c.var;
      if (findMissingPermission(scope, "users.read")) return c.redirect("/account", 303);
      const { timeZone } = scope.instance;
      // A page that is open asks again who waits, and for nothing else.
      const figures = isAutomatic(c) ? undefined : await readFigures(deps, scope);
      const shown = { overview: await readOverview(deps, scope), figures, timeZone };
      return c.html(<DashboardPage frame={await readFrame(deps, assets, c, "dashboard")} {...shown} />);
    })
    .get("/figures/:figure", async (c) => {
      requireSession(c);
      const { scope } = c.var;
      const shown = { ...(await readFigure(deps, scope, c.req.param("figure"))), timeZone: scope.instance.timeZone };
      return c.html(<FigurePage frame={await readFrame(deps, assets, c, "dashboard")} {...shown} />);
    });
}
