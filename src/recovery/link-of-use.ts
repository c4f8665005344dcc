import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { exactWords } from "#ui/relative-time.ts";
import type { User } from "#users/user.ts";

/*
 * Said to who holds a genuine link, and to nobody else: it tells of the account.
 */

/** @throws link_revoked with the `reason`, where no link, fresh or not, lets the user in */
export function requireAccountInUse(user: User): void {
  if (user.status === "inactive" || user.role === "no_access")
    throw noLink("Your account is switched off, so that no link lets you in.", "switched_off");
  if (user.frozenAt)
    throw noLink("Your account is frozen, since a change to it was said to be nobody's wish.", "frozen");
}

/** @throws link_revoked with the `reason`, where no fresh link would be mailed */
export function requireLinkOfUse(scope: Scope, user: User, now: Date): void {
  requireAccountInUse(user);
  if (user.addressHeldUntil !== null && user.addressHeldUntil > now) {
    const until = exactWords(user.addressHeldUntil, scope.instance.timeZone);
    throw noLink(`The address of your account was changed. Until ${until} no link is sent there by itself.`, "held");
  }
}

function noLink(why: string, reason: string): RekeyError {
  return new RekeyError("link_revoked", {
    title: "No link lets you in at the moment.",
    detail: `${why} Contact your administrator.`,
    members: { reason },
  });
}
