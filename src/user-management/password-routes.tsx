import { type Context, Hono } from "hono";

import { requireSamePasswords } from "#credentials/new-password-fields.tsx";
import { type FieldFault, fieldFaultsOf } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { requireNewPassword } from "#recovery/require-new-password.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { setTemporaryPassword } from "#recovery/set-temporary-password.ts";
import { thawUser } from "#recovery/thaw-user.ts";
import { answerActed, answerChanged } from "#sessions/answer-acted.tsx";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { faultOf } from "#ui/form-fault.tsx";
import type { Assets } from "#ui/assets.ts";
import { TextAreaField } from "#ui/text-area-field.tsx";
import { ActForm } from "./act-form.tsx";
import { readActedFrom } from "./acted-from.tsx";
import { answerDialog } from "./answer-dialog.tsx";
import { ChangePasswordForm, type ChangePasswordValues, PasswordChanged } from "./change-password-dialog.tsx";
import { getTarget } from "./get-target.ts";
import {
  asVerificationField,
  LinkVerificationFields,
  NOT_VERIFIED,
  readLinkVerification,
  readVerification,
  VERIFICATION_FIELDS,
  VerificationFields,
} from "./verification-fields.tsx";

type C = Context<SessionEnv>;

const SEND_RESET_LINK = "Send Reset Link";
const CHANGE_PASSWORD = "Change Password";
const THAW = "Thaw";
const REQUIRE_NEW_PASSWORD = "Require New Password";
const UNSAID = { values: { ...NOT_VERIFIED, reason: "" }, faults: [] };
const UNFILLED: ChangePasswordValues = { mode: "generated", ...NOT_VERIFIED };

/** What asks something before a password is changed or a link is sent, each a dialog over the list or the profile. */
export function passwordRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/users/:id/change-password", (c) =>
      askForPassword(deps, assets, c, { values: UNFILLED, faults: [] }),
    )
    .post("/settings/users/:id/change-password", (c) => changePassword(deps, assets, c))
    .get("/settings/users/:id/send-reset-link", (c) => askToSend(deps, assets, c, { values: NOT_VERIFIED, faults: [] }))
    .post("/settings/users/:id/send-reset-link", (c) => sendVerified(deps, assets, c))
    .get("/settings/users/:id/thaw", (c) => askToThaw(deps, assets, c, { values: NOT_VERIFIED, faults: [] }))
    .post("/settings/users/:id/thaw", (c) => thaw(deps, assets, c))
    .get("/settings/users/:id/require-new-password", (c) => askToRequire(deps, assets, c, UNSAID))
    .post("/settings/users/:id/require-new-password", (c) => requireNew(deps, assets, c));
}

async function askForPassword(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: ChangePasswordValues; faults: readonly FieldFault[] },
): Promise<Response> {
  const user = await getTarget(deps, c, "change_password");
  const allowsTyped = c.var.scope.instance.allowsTypedPasswords;
  const from = await readActedFrom(c, user.id);
  const children = <ChangePasswordForm user={user} from={from} allowsTyped={allowsTyped} {...form} />;
  return answerDialog(deps, assets, c, { title: CHANGE_PASSWORD, user, children, faults: form.faults });
}

async function changePassword(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { instance } = c.var.scope;
  const form = await readForm(c, ["mode", "new_password", "confirm_password", ...VERIFICATION_FIELDS]);
  const mode = form.mode === "typed" ? "typed" : "generated";
  try {
    if (mode === "typed") requireSamePasswords(form);
    const verification = readVerification(form);
    const userId = c.req.param("id") ?? "";
    const { ticketId, returnTo } = await readActedFrom(c, userId);
    const set = await setTemporaryPassword(deps, c.var.scope, {
      userId,
      mode,
      password: mode === "typed" ? form.new_password : undefined,
      verification,
      ticketId,
    });
    const shown = { set, instance, timeZone: instance.timeZone, returnTo };
    const children = <PasswordChanged {...shown} />;
    return await answerDialog(deps, assets, c, { title: CHANGE_PASSWORD, user: set.user, children, isDone: true });
  } catch (error) {
    return askForPassword(deps, assets, c, {
      values: { ...form, mode },
      faults: fieldFaultsOf(error).map(asFormField),
    });
  }
}

/** The use case calls the fields as the API does. */
function asFormField(fault: FieldFault): FieldFault {
  return fault.field === "password" ? { ...fault, field: "new_password" } : asVerificationField(fault);
}

async function askToRequire(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: typeof NOT_VERIFIED & { reason: string }; faults: readonly FieldFault[] },
): Promise<Response> {
  const user = await getTarget(deps, c, "require_new_password");
  const address = `/settings/users/${user.id}`;
  const children = (
    <ActForm
      action={`${address}/require-new-password`}
      from={await readActedFrom(c, user.id)}
      label={REQUIRE_NEW_PASSWORD}
      faults={form.faults}
      danger
    >
      <p>
        At once {user.firstName} is signed out everywhere and the old password stops working. A link to set a new one
        goes to {user.email}; until it is used, {user.firstName} cannot sign in.
      </p>
      <LinkVerificationFields instance={c.var.scope.instance} user={user} {...form} />
      <TextAreaField
        name="reason"
        label="Reason"
        hint="Kept in the record, for instance “security update”."
        value={form.values.reason}
        fault={faultOf(form.faults, "reason")}
        rows={2}
        maxlength={500}
      />
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: REQUIRE_NEW_PASSWORD, user, children, faults: form.faults });
}

async function requireNew(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const values = await readForm(c, ["reason", ...VERIFICATION_FIELDS]);
  const userId = c.req.param("id") ?? "";
  try {
    const verification = readLinkVerification(scope.instance, values);
    const { ticketId, returnTo } = await readActedFrom(c, userId);
    await requireNewPassword(deps, scope, { userId, reason: values.reason || undefined, ticketId, verification });
    return await answerActed(deps, c, returnTo);
  } catch (error) {
    return askToRequire(deps, assets, c, { values, faults: fieldFaultsOf(error).map(asVerificationField) });
  }
}

async function askToThaw(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: typeof NOT_VERIFIED; faults: readonly FieldFault[] },
): Promise<Response> {
  const user = await getTarget(deps, c, "thaw");
  const address = `/settings/users/${user.id}`;
  const children = (
    <ActForm action={`${address}/thaw`} from={await readActedFrom(c, user.id)} label={THAW} faults={form.faults}>
      <p>
        Links and passwords can be made for {user.firstName} again. Nothing that worked before comes back: send a fresh
        link afterwards.
      </p>
      <VerificationFields user={user} {...form} />
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: THAW, user, children, faults: form.faults });
}

async function thaw(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const values = await readForm(c, VERIFICATION_FIELDS);
  try {
    const userId = c.req.param("id") ?? "";
    await thawUser(deps, c.var.scope, { userId, verification: readVerification(values) });
    return answerChanged(c, `/settings/users/${userId}`);
  } catch (error) {
    return askToThaw(deps, assets, c, { values, faults: fieldFaultsOf(error).map(asVerificationField) });
  }
}

async function askToSend(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: typeof NOT_VERIFIED; faults: readonly FieldFault[] },
): Promise<Response> {
  const user = await getTarget(deps, c, "send_reset_link");
  const address = `/settings/users/${user.id}`;
  const children = (
    <ActForm
      action={`${address}/send-reset-link`}
      from={await readActedFrom(c, user.id)}
      label={SEND_RESET_LINK}
      faults={form.faults}
    >
      <p>
        A link with which {user.firstName} sets a new password goes to {user.email}.
      </p>
      <VerificationFields user={user} {...form} />
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: SEND_RESET_LINK, user, children, faults: form.faults });
}

async function sendVerified(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const values = await readForm(c, VERIFICATION_FIELDS);
  try {
    const userId = c.req.param("id") ?? "";
    const { ticketId, returnTo } = await readActedFrom(c, userId);
    await sendResetLink(deps, c.var.scope, { userId, ticketId, verification: readVerification(values) });
    return await answerActed(deps, c, returnTo);
  } catch (error) {
    return askToSend(deps, assets, c, { values, faults: fieldFaultsOf(error).map(asVerificationField) });
  }
}
