import type { Context } from "hono";

import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Email } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { getOwnCookie } from "#platform/http/cookies.ts";
import { getEmailByToken, mailIdOf, mailTokenOf } from "#recovery/mail-token.ts";
import { tokenCookie } from "#recovery/token-cookie.ts";
import type { SessionEnv } from "#sessions/session-cookie.ts";
import { TICKET_REPLY } from "./queue-reply.ts";

/*
 * By the link in a reply its reader says whether they are in, once, without signing in.
 */

/** After this the matter is another one. */
const LIFETIME_MS = 30 * DAY_MS;

export const ANSWER_ADDRESS = "/ticket-answers";

const ASK_AGAIN = "Open the mail again and click the button, or copy the whole address.";

/** @returns the address that goes into the mail. */
export function answerLinkOf(keyring: Keyring, instance: Instance, email: Email): string {
  return `${instance.origin}${ANSWER_ADDRESS}/${mailTokenOf(keyring, instance, "ticket answer", email)}`;
}

/** @returns the reply that the token belongs to. @throws link_invalid, link_used, link_expired */
export async function getAnsweredEmail(deps: Deps, tx: Tx, scope: Scope, token: string): Promise<Email> {
  const email = await getEmailByToken(deps, tx, scope, { purpose: "ticket answer", token });
  if (email.kind !== TICKET_REPLY) throw new RekeyError("link_invalid", { detail: ASK_AGAIN });
  if (email.data.answered_at !== undefined) throw answeredBefore();
  if (after(email.queued_at, LIFETIME_MS) > deps.clock.now()) return email;
  throw new RekeyError("link_expired", { detail: "It worked for thirty days. Write to your administrators instead." });
}

/** @returns the refusal for a link by which somebody has answered. */
export function answeredBefore(): RekeyError {
  return new RekeyError("link_used", {
    detail: "Your answer was received. If something has changed since, write to your administrators.",
  });
}

/** @returns the token of an open link. @throws link_invalid when the cookie of that mail is gone, as it is after half an hour. */
export function readAnswerToken(c: Context<SessionEnv>, mailId: string): string {
  const token = getOwnCookie(c, c.var.scope.instance.origin, tokenCookie(mailId).name) ?? "";
  if (mailIdOf(token) === mailId) return token;
  const detail = `This page was open for too long, or this browser keeps no cookies. ${ASK_AGAIN}`;
  throw new RekeyError("link_invalid", { detail });
}
