import { type Context, Hono } from "hono";

import { type FieldFault, invalidFields, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { changeOwnPassword } from "#recovery/change-own-password.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { OwnPasswordPage } from "./own-password-page.tsx";

type C = Context<SessionEnv>;

/** Everybody's own account. */
export function accountRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/account/password", (c) => askForOwnPassword(assets, c, []))
    .post("/account/password", (c) => changePassword(deps, assets, c));
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
    if (form.new_password !== form.confirm_password) throw MISMATCH;
    const passwords = { currentPassword: form.current_password, newPassword: form.new_password };
    await changeOwnPassword(deps, c.var.scope, { user, sessionId: id, ...passwords });
    return c.redirect("/", 303);
  } catch (error) {
    if (!(error instanceof RekeyError && error.status === 422)) throw error;
    return askForOwnPassword(assets, c, error.fields);
  }
}

const MISMATCH = invalidFields([
  {
    field: "confirm_password",
    code: "mismatch",
    detail: "New Password and Confirm Password are not the same. Type both again.",
  },
]);
