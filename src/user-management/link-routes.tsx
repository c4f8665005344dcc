import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { copyResetLink } from "#recovery/copy-reset-link.ts";
import { answerChanged } from "#sessions/answer-acted.tsx";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { Field } from "#ui/field.tsx";
import { faultOf } from "#ui/form-fault.tsx";
import type { AddressDoubt } from "#users/address-doubt.ts";
import { ActForm } from "./act-form.tsx";
import { readActedFrom } from "./acted-from.tsx";
import { ADDRESS_CHOICES, AddressAskedAbout, AddressQuestion, settleAddress } from "./address-question.tsx";
import { answerDialog } from "./answer-dialog.tsx";
import { correctAndSend } from "./correct-and-send.ts";
import { getTarget, getTargetDetails, isAllowed } from "./get-target.ts";
import { LinkCopied } from "./link-copied.tsx";
import {
  asVerificationField,
  LinkVerificationFields,
  NOT_VERIFIED,
  readLinkVerification,
  VERIFICATION_FIELDS,
} from "./verification-fields.tsx";

type C = Context<SessionEnv>;

const COPY_RESET_LINK = "Copy reset link";
const CORRECT_AND_SEND = "Correct address and send";

/** Links for whom the mail does not reach, each in a dialog over the list or the profile. */
export function linkRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/users/:id/copy-reset-link", (c) => askToCopy(deps, assets, c, { values: NOT_VERIFIED, faults: [] }))
    .post("/settings/users/:id/copy-reset-link", (c) => copyLink(deps, assets, c))
    .get("/settings/users/:id/correct-and-send", (c) => askForAddress(deps, assets, c))
    .post("/settings/users/:id/correct-and-send", (c) => correct(deps, assets, c));
}

async function askToCopy(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: typeof NOT_VERIFIED; faults: readonly FieldFault[] },
): Promise<Response> {
  const user = await getTarget(deps, c, "copy_reset_link");
  const address = `/settings/users/${user.id}`;
  const children = (
    <ActForm
      action={`${address}/copy-reset-link`}
      from={await readActedFrom(c, user.id)}
      label={COPY_RESET_LINK}
      faults={form.faults}
    >
      <p>
        You are shown the link with which {user.firstName} sets a new password, to hand it over yourself. Nothing is
        mailed.
      </p>
      <LinkVerificationFields instance={c.var.scope.instance} user={user} {...form} />
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: COPY_RESET_LINK, user, children, faults: form.faults });
}

async function copyLink(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const values = await readForm(c, VERIFICATION_FIELDS);
  try {
    const verification = readLinkVerification(scope.instance, values);
    const userId = c.req.param("id") ?? "";
    const { ticketId } = await readActedFrom(c, userId);
    const copied = await copyResetLink(deps, scope, { userId, ticketId, verification });
    const children = <LinkCopied copied={copied} timeZone={scope.instance.timeZone} />;
    return await answerDialog(deps, assets, c, { title: COPY_RESET_LINK, user: copied.user, children, isDone: true });
  } catch (error) {
    return askToCopy(deps, assets, c, { values, faults: fieldFaultsOf(error).map(asVerificationField) });
  }
}

interface FilledAddress {
  readonly values: typeof NOT_VERIFIED & { email: string };
  readonly faults: readonly FieldFault[];
  readonly doubt?: AddressDoubt | undefined;
}

async function askForAddress(deps: Deps, assets: Assets, c: C, filled?: FilledAddress): Promise<Response> {
  const { user, addressDoubt } = await getTargetDetails(deps, c, "correct_and_send");
  const address = `/settings/users/${user.id}`;
  const { values, faults, doubt } = filled ?? { values: { ...NOT_VERIFIED, email: user.email }, faults: [] };
  const question = doubt ? (
    <AddressQuestion {...doubt} email={values.email} keep="Send to it as it is" />
  ) : (
    !filled && addressDoubt?.suggestion && <AddressQuestion {...addressDoubt} email={user.email} />
  );
  const children = (
    <ActForm
      action={`${address}/correct-and-send`}
      from={await readActedFrom(c, user.id)}
      label={CORRECT_AND_SEND}
      faults={faults}
    >
      <p>
        {user.firstName} gets this address, and a fresh link goes to it. The old address is told; links that were sent
        there stop working.
      </p>
      {/* The first button of a form is what Enter in any field means: never taking a suggestion. */}
      {question && <button hidden />}
      {faults.length > 0 && <AddressAskedAbout email={values.email} />}
      <Field
        name="email"
        label="Email"
        type="email"
        value={values.email}
        fault={faultOf(faults, "email")}
        warning={question || undefined}
        autocomplete="off"
        maxlength={320}
        required
      />
      <LinkVerificationFields instance={c.var.scope.instance} user={user} values={values} faults={faults} />
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: CORRECT_AND_SEND, user, children, faults, asks: doubt !== undefined });
}

async function correct(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const answers = await readForm(c, ["email", ...ADDRESS_CHOICES, ...VERIFICATION_FIELDS]);
  const userId = c.req.param("id") ?? "";
  const mayAsk = await isAllowed(deps, c, "correct_and_send");
  const { email, doubt } = await settleAddress(deps, scope, answers, mayAsk);
  const values = { ...answers, email };
  if (doubt) return askForAddress(deps, assets, c, { values, faults: [], doubt });
  try {
    const verification = readLinkVerification(scope.instance, values);
    const { ticketId, returnTo } = await readActedFrom(c, userId);
    await correctAndSend(deps, scope, { userId, email, ticketId, verification });
    return answerChanged(c, returnTo);
  } catch (error) {
    return askForAddress(deps, assets, c, { values, faults: addressFaultsOf(error) });
  }
}

/** An address that cannot be had is a fault of the field, though the API has codes of their own for it; what is no fault is thrown on. */
function addressFaultsOf(error: unknown): readonly FieldFault[] {
  if (error instanceof RekeyError) {
    const { code, title, detail } = error;
    if (code === "email_taken") return [{ field: "email", code, detail: `${title} ${detail}` }];
    if (code === "address_suppressed") return [{ field: "email", code, detail }];
  }
  return fieldFaultsOf(error).map(asVerificationField);
}
