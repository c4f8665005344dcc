import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { answerActed } from "#sessions/answer-acted.tsx";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Page } from "#ui/layout.tsx";
import { findHolders, lackedPermissions, requestAccess } from "./request-access.ts";
import { REQUEST_ACCESS_ADDRESS, RequestAccessForm } from "./request-access-dialog.tsx";

type C = Context<SessionEnv>;

const TITLE = "Request access";

/** Asking for what one's role does not have. */
export function accessRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(REQUEST_ACCESS_ADDRESS, (c) => {
      const values = { permission: c.req.query("permission") ?? "", note: "" };
      return ask(deps, assets, c, { values, faults: [] });
    })
    .post(REQUEST_ACCESS_ADDRESS, async (c) => {
      requireSession(c);
      const values = await readForm(c, ["permission", "note"]);
      try {
        const permission = lackedPermissions(c.var.scope).find((each) => each === values.permission);
        if (!permission) throw new RekeyError("not_found", { detail: "You have this already. Open the page again." });
        await requestAccess(deps, c.var.scope, { permission, note: values.note });
        return await answerActed(deps, c, "/");
      } catch (error) {
        return ask(deps, assets, c, { values, faults: fieldFaultsOf(error) });
      }
    });
}

async function ask(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: { permission: string; note: string }; faults: readonly FieldFault[] },
): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const lacked = lackedPermissions(scope);
  const [first] = lacked;
  if (!first) throw new RekeyError("not_found", { detail: "Your role may do everything already." });
  const holders = await deps.db.inInstance(scope.instance.id, (tx) => findHolders(tx, scope, first));
  const status = form.faults.length > 0 ? 422 : 200;
  const children = <RequestAccessForm lacked={lacked} holders={holders} {...form} />;
  if (c.req.header("HX-Request") === "true") return c.html(<Dialog title={TITLE}>{children}</Dialog>, status);
  const breadcrumb = [{ label: TITLE, href: REQUEST_ACCESS_ADDRESS }];
  const frame = await readFrame(deps, assets, c, "settings");
  return c.html(
    <Page frame={frame} title={TITLE} breadcrumb={breadcrumb}>
      {children}
    </Page>,
    status,
  );
}
