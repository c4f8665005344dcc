import type { Context } from "hono";

import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { User } from "#users/user.ts";
import type { Actions } from "./actions.ts";
import { getUserDetails, type UserDetails } from "./get-user-details.ts";

type C = Context<SessionEnv>;

/**
 * @returns the user of the page's address, whom the signed-in person may do this to now.
 * @throws not_permitted with the reason, before anything is filled in for nothing.
 */
export async function getTarget(deps: Deps, c: C, action: keyof Actions): Promise<User> {
  return (await getTargetDetails(deps, c, action)).user;
}

/** @returns the same with what is known of them. @throws not_permitted */
export async function getTargetDetails(deps: Deps, c: C, action: keyof Actions): Promise<UserDetails> {
  requireSession(c);
  const details = await getUserDetails(deps, c.var.scope, c.req.param("id") ?? "");
  const { allowed, reason } = details.actions[action];
  if (!allowed) throw new RekeyError("not_permitted", { detail: reason ?? "" });
  return details;
}

/** @returns whether the signed-in person may do this now to the user of the page's address, who may be nobody. */
export async function isAllowed(deps: Deps, c: C, action: keyof Actions): Promise<boolean> {
  try {
    return (await getUserDetails(deps, c.var.scope, c.req.param("id") ?? "")).actions[action].allowed;
  } catch (error) {
    if (error instanceof RekeyError) return false;
    throw error;
  }
}
