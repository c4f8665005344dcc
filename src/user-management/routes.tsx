import { type Context, Hono } from "hono";

import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { senderOf } from "#mail-delivery/sender.ts";
import { findUserElsewhere } from "#other-instances/find-user-elsewhere.ts";
import type { Deps } from "#platform/deps.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { findMissingPermission, requirePermission } from "#users/permissions.ts";
import { type Permission, ROLE_NAMES } from "#users/roles.ts";
import { diagnose } from "./diagnose.ts";
import { getUserDetails } from "./get-user-details.ts";
import { listUsers, USER_SORTS, type UserQuery } from "./list-users.ts";
import type { MailMarks } from "./mail-help.tsx";
import { ProfilePage, UserPanel } from "./profile-page.tsx";
import { RolesPage } from "./roles-page.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { UsersPage } from "./users-page.tsx";

const PAGE_LENGTH = 50;

/** Settings, the list of users, the information panel, the profile. */
export function userManagementRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  const marksOf = (instance: Instance): MailMarks => ({
    instance,
    sender: senderOf(instance, deps.mail.defaultSender).address,
  });
  const readProfile = async (scope: Scope, userId: string) => ({
    details: await getUserDetails(deps, scope, userId),
    diagnosis: await diagnose(deps, scope, { userId }),
    timeZone: scope.instance.timeZone,
    marks: marksOf(scope.instance),
  });
  return new Hono<SessionEnv>()
    .get("/settings", async (c) => {
      requireSession(c);
      requirePermission(c.var.scope, "users.read");
      const whyNot = (permission: Permission): string | undefined => findMissingPermission(c.var.scope, permission);
      return c.html(<SettingsPage frame={await readFrame(deps, assets, c, "settings")} whyNot={whyNot} />);
    })
    .get("/settings/roles", async (c) => {
      requireSession(c);
      requirePermission(c.var.scope, "users.read");
      return c.html(<RolesPage frame={await readFrame(deps, assets, c, "settings")} />);
    })
    .get("/settings/users", async (c) => {
      requireSession(c);
      const query = readQuery(c);
      const page = await listUsers(deps, c.var.scope, query);
      const frame = await readFrame(deps, assets, c, "settings");
      const whyNotEdit = findMissingPermission(c.var.scope, "users.edit");
      const isOfEverybody = query.status === "all" && query.role === undefined && query.cursor === undefined;
      const isNobody = isOfEverybody && page.items.length === 0;
      const elsewhere = isNobody ? await findUserElsewhere(deps, c.var.scope, query.q ?? "") : [];
      const shown = { query, page, elsewhere, timeZone: c.var.scope.instance.timeZone, whyNotEdit };
      return c.html(<UsersPage frame={frame} {...shown} />);
    })
    .get("/settings/users/:id", async (c) => {
      requireSession(c);
      const shown = await readProfile(c.var.scope, c.req.param("id"));
      return c.html(<ProfilePage frame={await readFrame(deps, assets, c, "settings")} {...shown} />);
    })
    .get("/settings/users/:id/panel", async (c) => {
      requireSession(c);
      const shown = await readProfile(c.var.scope, c.req.param("id"));
      return c.html(<UserPanel {...shown} now={deps.clock.now()} />);
    });
}

/** A page forgives what it does not know in its address; the API does not. */
function readQuery(c: Context): UserQuery {
  const { status, q, role, sort = "name", cursor } = c.req.query();
  return {
    status: status === "active" || status === "inactive" ? status : "all",
    q: q?.replaceAll("\0", "") || undefined,
    role: ROLE_NAMES.find((name) => name === role),
    sort: USER_SORTS.find((name) => name === sort.replace(/^-/, "")) ?? "name",
    descending: sort.startsWith("-"),
    limit: PAGE_LENGTH,
    cursor: cursor || undefined,
  };
}
