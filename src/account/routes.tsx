import { type Context, Hono } from "hono";

import { listSignIns } from "#audit-trail/list-sign-ins.ts";
import { requireSamePasswords } from "#credentials/new-password-fields.tsx";
import { type FieldFault, fieldFaultsOf } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { changeOwnPassword } from "#recovery/change-own-password.ts";
import { readFrame } from "#sessions/frame.ts";
import { listSessions } from "#sessions/list-sessions.ts";
import { giveSessionId, requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { findTicketsOf } from "#tickets/list-tickets.ts";
import type { Assets } from "#ui/assets.ts";
import { AccountPage } from "./account-page.tsx";
import { endOtherSessions, endOwnSession } from "./end-own-sessions.ts";
import { OwnPasswordPage } from "./own-password-page.tsx";
import { updateOwnAccount } from "./update-own-account.ts";

type C = Context<SessionEnv>;

/** Older ones are of no use to who asks what became of theirs. */
const MOST_TICKETS = 10;

/** Everybody's own account. */
export function accountRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/account", (c) => showAccount(deps, assets, c))
    .post("/account", async (c) => {
      const { user } = requireSession(c);
      const values = await readForm(c, ["time_zone", "locale"]);
      try {
        await updateOwnAccount(deps, c.var.scope, { user, timeZone: values.time_zone, locale: values.locale });
        return c.redirect("/account", 303);
      } catch (error) {
        return showAccount(deps, assets, c, { values, faults: fieldFaultsOf(error) });
      }
    })
    .post("/account/sessions/end-others", async (c) => {
      const { user, id: currentId } = requireSession(c);
      await endOtherSessions(deps, c.var.scope, { user, currentId });
      return c.redirect("/account", 303);
    })
    .post("/account/sessions/:id/end", async (c) => {
      const { user } = requireSession(c);
      await endOwnSession(deps, c.var.scope, { user, sessionId: c.req.param("id") });
      return c.redirect("/account", 303);
    })
    .get("/account/password", (c) => askForOwnPassword(assets, c, []))
    .post("/account/password", (c) => changePassword(deps, assets, c));
}

interface Filled {
  readonly values: { readonly time_zone: string; readonly locale: string };
  readonly faults: readonly FieldFault[];
}

async function showAccount(deps: Deps, assets: Assets, c: C, filled?: Filled): Promise<Response> {
  const { user, id: currentId } = requireSession(c);
  const { scope } = c.var;
  const found = await deps.db.inInstance(scope.instance.id, async (tx) => ({
    sessions: await listSessions(tx, scope, deps.clock.now(), { userId: user.id, currentId }),
    signIns: await listSignIns(tx, scope, user.id),
    tickets: await findTicketsOf(tx, scope, user.id, MOST_TICKETS),
  }));
  const { openCrmUrl, timeZone } = scope.instance;
  const values = filled?.values ?? { time_zone: user.timeZone ?? "", locale: user.locale ?? "" };
  const shown = { ...found, user, openCrmUrl, timeZone: user.timeZone ?? timeZone, values };
  const frame = await readFrame(deps, assets, c, "account");
  return c.html(<AccountPage frame={frame} {...shown} faults={filled?.faults ?? []} />, filled ? 422 : 200);
}

function askForOwnPassword(assets: Assets, c: C, faults: readonly FieldFault[]): Response | Promise<Response> {
  const { user, mustChangePassword } = requireSession(c);
  const page = { assets, instance: c.var.scope.instance, user, isRequired: mustChangePassword, faults };
  return c.html(<OwnPasswordPage {...page} />, faults.length > 0 ? 422 : 200);
}

async function changePassword(deps: Deps, assets: Assets, c: C): Promise<Response> {
  const { user, id } = requireSession(c);
  const form = await readForm(c, ["current_password", "new_password", "confirm_password"]);
  try {
    requireSamePasswords(form);
    const passwords = { currentPassword: form.current_password, newPassword: form.new_password };
    const renewedId = await changeOwnPassword(deps, c.var.scope, { user, sessionId: id, ...passwords });
    giveSessionId(c, c.var.scope.instance.origin, renewedId);
    return c.redirect("/", 303);
  } catch (error) {
    return askForOwnPassword(assets, c, fieldFaultsOf(error));
  }
}
