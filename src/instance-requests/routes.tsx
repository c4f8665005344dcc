import { type Context, Hono } from "hono";

import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { FindInstancePage, InstancesRequestedPage } from "./pages.tsx";
import { requestInstances } from "./request-instances.ts";

/** For who does not know where to sign in. */
export function instanceRequestRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  const frameOf = (c: Context<SessionEnv>) => ({ assets, instance: c.var.scope.instance });
  return new Hono<SessionEnv>()
    .get("/find-instance", (c) => c.html(<FindInstancePage {...frameOf(c)} />))
    .post("/find-instance", async (c) => {
      await requestInstances(deps, c.var.scope, await readForm(c, ["email"]));
      return c.redirect("/find-instance/sent", 303);
    })
    .get("/find-instance/sent", (c) => c.html(<InstancesRequestedPage {...frameOf(c)} />));
}
