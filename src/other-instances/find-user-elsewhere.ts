import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import type { Deps } from "#platform/deps.ts";
import { findUserByIdentifier, type User } from "#users/user.ts";
import { lookElsewhere } from "./look-elsewhere.ts";

/** An account in another instance. */
export interface UserElsewhere {
  readonly instance: Instance;
  readonly user: User;
}

/** @returns the accounts that go by this whole address in other instances whose users the acting person may read too. */
export async function findUserElsewhere(deps: Deps, scope: Scope, address: string): Promise<readonly UserElsewhere[]> {
  if (!fold(address).includes("@")) return [];
  return lookElsewhere(deps, scope, async (tx, there) => {
    const user = await findUserByIdentifier(tx, there, address);
    return user && { instance: there.instance, user };
  });
}
