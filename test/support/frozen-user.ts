import { setFrozen } from "#users/user.ts";
import type { TestInstance } from "./rekey.ts";

/** The account is frozen, as after “This was not me”. */
export async function freeze({ deps, scope }: TestInstance, userId: string): Promise<void> {
  await deps.db.inInstance(scope.instance.id, (tx) => setFrozen(tx, scope, userId, deps.clock.now()));
}

/** @returns the id of a new user whose account is frozen. */
export async function frozenUser(of: TestInstance): Promise<string> {
  const { id } = await of.addUser();
  await freeze(of, id);
  return id;
}
