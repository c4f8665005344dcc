import type { Context } from "hono";

import { listNotifications, takeUnshownNotifications } from "#notifications/notification.ts";
import type { Deps } from "#platform/deps.ts";
import type { Assets } from "#ui/assets.ts";
import type { Frame } from "#ui/layout.tsx";
import type { NavigationSection } from "#ui/navigation.tsx";
import { findMissingPermission } from "#users/permissions.ts";
import { ROLES } from "#users/roles.ts";
import { requireSession, type SessionEnv } from "./session-cookie.ts";

/** @returns what stands around a page for the signed-in person, with the notifications that it now shows. @throws sign_in_required */
export async function readFrame(
  deps: Deps,
  assets: Assets,
  c: Context<SessionEnv>,
  section: NavigationSection,
): Promise<Frame> {
  const { user, expiresAt, endsAt } = requireSession(c);
  const { scope } = c.var;
  const now = deps.clock.now();
  const { notifications, tray } = await deps.db.inInstance(scope.instance.id, async (tx) => ({
    // A part of a page that asks for itself shows no notification, and must not take one from the page that would.
    notifications: c.req.header("HX-Request") === "true" ? [] : await takeUnshownNotifications(tx, scope, now),
    tray: await listNotifications(tx, scope),
  }));
  const person = { name: user.name, email: user.email, role: ROLES[user.role].label };
  const session = { expiresAt, isRenewable: expiresAt < endsAt };
  const { instance } = scope;
  const mayFind = findMissingPermission(scope, "users.read") === undefined;
  const mayWorkOnTickets = findMissingPermission(scope, "tickets.work") === undefined;
  return { assets, instance, person, session, mayFind, mayWorkOnTickets, section, now, notifications, tray };
}
