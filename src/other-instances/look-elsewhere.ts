import { type Instance, listInstances } from "#instances/instance.ts";
import { asSystem, type Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { readsOwnMail } from "#recovery/reads-own-mail.ts";
import { maySignIn } from "#sessions/session.ts";
import { findMissingPermission } from "#users/permissions.ts";
import { findUserByIdentifier, getUser, type User } from "#users/user.ts";

/**
 * Looks into every other instance whose users the acting person may read too, each behind its own wall and as the person there.
 * The same person is the same address, and who signs in there reads its mail, here and there; anything else, an API key
 * included, sees nothing of other instances. Call it outside a transaction.
 * @param look reads within one of them, in the scope of the person there.
 * @returns what was found, oldest instance first.
 */
export async function lookElsewhere<T>(
  deps: Deps,
  { instance: here, actor, request }: Scope,
  look: (tx: Tx, there: Scope) => Promise<T | undefined>,
): Promise<readonly T[]> {
  if (actor.type !== "user") return [];
  const others = (await listInstances(deps.db)).filter(({ id, status }) => id !== here.id && status === "active");
  if (others.length === 0) return [];
  const person = await deps.db.inInstance(here.id, async (tx) => {
    const user = await getUser(tx, asSystem(here), actor.id);
    return (await readsOwnMail(tx, asSystem(here), user)) ? user : undefined;
  });
  if (!person) return [];
  const found: T[] = [];
  for (const instance of others) {
    const seen = await deps.db.inInstance(instance.id, async (tx) => {
      const there = await findSamePerson(tx, instance, person);
      return there && look(tx, { instance, actor: asActor(there), request });
    });
    if (seen !== undefined) found.push(seen);
  }
  return found;
}

async function findSamePerson(tx: Tx, instance: Instance, person: User): Promise<User | undefined> {
  const there = await findUserByIdentifier(tx, asSystem(instance), person.email);
  if (!there || there.frozenAt || !maySignIn(there)) return undefined;
  const mayRead = findMissingPermission({ ...asSystem(instance), actor: asActor(there) }, "users.read") === undefined;
  return mayRead && (await readsOwnMail(tx, asSystem(instance), there)) ? there : undefined;
}

/** They have not signed in there, so nothing may be done that takes a fresh sign-in. */
function asActor({ id, name, role }: User): Scope["actor"] {
  return { type: "user", id, name, role, freshUntil: new Date(0) };
}
