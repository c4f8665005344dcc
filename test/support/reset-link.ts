import assert from "node:assert/strict";

import { findInstance } from "#instances/instance.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { type Answer, CookieJar, type RequestOptions } from "./http.ts";
import { isResetLink, type TestInstance, type TestUser, tokenIn } from "./rekey.ts";
import { untilIdle } from "./tables.ts";

/** A password that the policy takes, and that nobody has to begin with. */
export const NEW_PASSWORD = "violet harbor thunder kettle";

/** Who asks for a link, each in their own way. */
export const ORIGINS = ["admin", "self_service", "invitation", "operator"] as const;
export type LinkOrigin = (typeof ORIGINS)[number];

/**
 * A user without a live link is mailed one.
 * @param of.user for an invitation, one who never set a password.
 * @param of.admin the cookies of an administrator, for a link that one sends.
 * @returns the token of the mailed link.
 */
export async function mailLink(
  oak: TestInstance,
  origin: LinkOrigin,
  of: { user: TestUser; admin: CookieJar },
): Promise<string> {
  const { user, admin } = of;
  const earlier = new Set(oak.linksTo(user).map(tokenIn));
  if (origin === "operator") await sendAsOperator(oak, user);
  else if (origin === "self_service") {
    const asked = await oak.api("POST", "/recovery-requests", { json: { identifier: user.email } });
    assert.equal(asked.status, 202, asked.text);
  } else {
    const sent = await oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(sent.status, 202, sent.text);
  }
  return tokenIn(await oak.mailTo(user.email, (mail) => isResetLink(mail) && !earlier.has(tokenIn(mail))));
}

/** The operator's command reads the instance anew, settings included. */
async function sendAsOperator(oak: TestInstance, user: TestUser): Promise<void> {
  const instance = await findInstance(oak.deps.db, oak.instance.id);
  assert(instance);
  await sendResetLink(oak.deps, { ...oak.scope, instance }, { userId: user.id });
}

/** Opens a mailed link as a browser does, redirects and cookies included. @returns the last answer. */
export async function openLink(
  oak: TestInstance,
  token: string,
  options: RequestOptions & { readonly cookies: CookieJar } = { cookies: new CookieJar() },
): Promise<Answer> {
  const first = await oak.request(`/reset-password/${token}`, options);
  const { location } = first.headers;
  return first.status === 303 && location ? oak.request(location, options) : first;
}

/** The user sets a password with a link that was mailed to them: whoever signs in now reads their mail. */
export async function setByMail(oak: TestInstance, user: TestUser, password = NEW_PASSWORD): Promise<void> {
  const token = await mailLink(oak, "self_service", { user, admin: new CookieJar() });
  await untilIdle(oak);
  assert.equal((await redeem(oak, token, password)).status, 204);
}

/** Sets a new password with a link through the API. */
export function redeem(oak: TestInstance, token: string, password = NEW_PASSWORD): Promise<Answer> {
  return oak.api("POST", "/recovery-redemptions", { json: { token, password } });
}

/** Sets a new password with a link through the page, with the cookie that opening it leaves. */
export function redeemOnPage(oak: TestInstance, token: string, password = NEW_PASSWORD): Promise<Answer> {
  const hex = Buffer.from(token, "base64url").toString("hex", 0, 16);
  const cookies = new CookieJar();
  cookies.set(`rekey_link_${hex}`, token);
  const form = { recovery: idIn(token), new_password: password, confirm_password: password };
  return oak.request("/reset-password", { form, cookies });
}

/** @returns the id of the recovery that a token names. */
export function idIn(token: string): string {
  const hex = Buffer.from(token, "base64url").toString("hex", 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @returns the stable code of a refusal. */
export function codeOf(answer: Answer): string {
  return (answer.json() as { code: string }).code;
}
