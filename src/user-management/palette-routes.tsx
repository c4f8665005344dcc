import { Hono } from "hono";

import type { Scope } from "#instances/scope.ts";
import { findUserElsewhere } from "#other-instances/find-user-elsewhere.ts";
import type { Deps } from "#platform/deps.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { findTicketsOfWhoIsOut } from "#tickets/still-out.ts";
import type { Assets } from "#ui/assets.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Page } from "#ui/layout.tsx";
import { PALETTE_ADDRESS } from "#ui/top-bar.tsx";
import { requirePermission } from "#users/permissions.ts";
import { actionsOn } from "./actions.ts";
import { listUsers } from "./list-users.ts";
import { type Found, Palette } from "./palette.tsx";

const TITLE = "Send Reset Link";

/** More would have to be read. */
const MOST_FOUND = 6;

/** From any page: part of a name, and Enter sends the link. */
export function paletteRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>().get(PALETTE_ADDRESS, async (c) => {
    requireSession(c);
    const { scope } = c.var;
    requirePermission(scope, "users.read");
    const q = c.req.query("q")?.replaceAll("\0", "").trim() ?? "";
    const asksBeforeSending = scope.instance.requiresVerificationForLinks;
    const found = await find(deps, scope, q);
    const elsewhere = found.length === 0 ? await findUserElsewhere(deps, scope, q) : [];
    const palette = <Palette q={q} found={found} elsewhere={elsewhere} asksBeforeSending={asksBeforeSending} />;
    c.header("Cache-Control", "no-store");
    if (c.req.header("HX-Request") === "true") return c.html(<Dialog title={TITLE}>{palette}</Dialog>);
    const frame = await readFrame(deps, assets, c, "settings");
    const breadcrumb = [{ label: TITLE, href: PALETTE_ADDRESS }];
    return c.html(
      <Page frame={frame} title={TITLE} breadcrumb={breadcrumb}>
        {palette}
      </Page>,
    );
  });
}

/** @returns who is meant, active people first. */
async function find(deps: Deps, scope: Scope, q: string): Promise<readonly Found[]> {
  if (q === "") return [];
  const query = { status: "all", q, sort: "name", descending: false, limit: MOST_FOUND } as const;
  const { items } = await listUsers(deps, scope, query);
  const now = deps.clock.now();
  const users = items.map(({ user }) => user);
  const tickets = await deps.db.inInstance(scope.instance.id, (tx) => findTicketsOfWhoIsOut(tx, scope, users));
  return items
    .map(({ user, access }) => {
      const whyNot = actionsOn(scope, user, access, now).send_reset_link.reason;
      return { user, whyNot, ticketId: tickets.get(user.id)?.id };
    })
    .toSorted((one, other) => Number(one.whyNot !== null) - Number(other.whyNot !== null));
}
