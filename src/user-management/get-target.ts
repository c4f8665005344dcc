import type { Context } from "hono";

import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { User } from "#users/user.ts";
import type { Actions } from "./actions.ts";
import { getUserDetails } from "./get-user-details.ts";

/**
 * @returns the user of the page's address, whom the signed-in person may do this to now.
 * @throws not_permitted with the reason, before anything is filled in for nothing.
 */
export async function getTarget(deps: Deps, c: Context<SessionEnv>, action: keyof Actions): Promise<User> {
  requireSession(c);
  const { user, actions } = await getUserDetails(deps, c.var.scope, c.req.param("id") ?? "");
  const { allowed, reason } = actions[action];
  if (!allowed) throw new RekeyError("not_permitted", { detail: reason ?? "" });
  return user;
}
