import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Email } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { getEmailByToken, mailTokenOf } from "./mail-token.ts";

/*
 * Every mail that tells of a change of somebody's credentials has a link by which its reader says that it was not them.
 */

/** A change that nobody disowned for this long is taken for theirs. */
const LIFETIME_MS = 7 * DAY_MS;

/** A mail about somebody's account. */
type NoticeEmail = Email & { readonly user_id: string };

/** @returns the address that goes into the mail. */
export function notMeLinkOf(keyring: Keyring, instance: Instance, email: Email): string {
  return `${instance.origin}/not-me/${mailTokenOf(keyring, instance, "not me", email)}`;
}

/** @returns the mail that the token belongs to. @throws link_invalid for everything else, link_expired after a week */
export async function getDisownedEmail(deps: Deps, tx: Tx, scope: Scope, token: string): Promise<NoticeEmail> {
  const email = await getEmailByToken(deps, tx, scope, { purpose: "not me", token });
  const { user_id } = email;
  if (user_id === null) throw new RekeyError("link_invalid");
  if (after(email.queued_at, LIFETIME_MS) > deps.clock.now()) return { ...email, user_id };
  throw new RekeyError("link_expired", { detail: "It worked for a week. Tell your administrator what happened." });
}
