import type { Context } from "hono";
import type { Child } from "hono/jsx";

import { takeUnshownNotifications } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import { RECOVERY_CHANGED } from "#ui/live-region.tsx";
import { NotificationFragment } from "#ui/notification.tsx";
import type { SessionEnv } from "./session-cookie.ts";

/** Something was done: its notification is shown in place and the dialog that asked is gone, or without script the page to come back to shows it. */
export async function answerActed(deps: Deps, c: Context<SessionEnv>, page: string): Promise<Response> {
  if (c.req.header("HX-Request") !== "true") return c.redirect(page, 303);
  return c.html(
    <>
      <hx-partial hx-target="#dialog" />
      {await newNotifications(deps, c)}
    </>,
  );
}

/** What was done changes what can be done next, so the whole page comes again, and the notification with it. */
export function answerChanged(c: Context<SessionEnv>, page: string): Response {
  if (c.req.header("HX-Request") !== "true") return c.redirect(page, 303);
  c.header("HX-Refresh", "true");
  return c.body(null, 204);
}

/** @returns what the page has not shown yet, as fragments; what is live on it asks again. */
export async function newNotifications(deps: Deps, c: Context<SessionEnv>): Promise<Child> {
  const { scope } = c.var;
  const now = deps.clock.now();
  c.header("HX-Trigger", RECOVERY_CHANGED);
  const unshown = await deps.db.inInstance(scope.instance.id, (tx) => takeUnshownNotifications(tx, scope, now));
  return unshown.map((notification) => <NotificationFragment notification={notification} now={now} />);
}
