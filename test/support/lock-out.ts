import { countFailure, counterOf } from "#sessions/lockout.ts";
import type { TestInstance } from "./rekey.ts";

/** @returns the id of a new user who is locked out, as after too many failed sign-ins. */
export async function lockedUser(of: TestInstance): Promise<string> {
  const { id } = await of.addUser();
  await lockOut(of, id);
  return id;
}

/** The user is locked out. */
export async function lockOut({ deps, scope }: TestInstance, userId: string): Promise<void> {
  const counter = counterOf({ userId, knownBrowserId: undefined });
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    while (!(await countFailure(tx, scope, deps.clock.now(), counter))); // Until one begins the lockout.
  });
}
