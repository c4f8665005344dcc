import { audited } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { keepable } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { issueResetLink } from "#recovery/issue-reset-link.ts";
import { lockUser, type User } from "#users/user.ts";
import { addUsers, type NewAccount } from "./add-users.ts";

export interface NewUser extends NewAccount {
  /** Whether an invitation is mailed at once. */
  readonly invite: boolean;
}

/**
 * The instance has one user more, and the invitation waits in the outbox if one was asked for.
 * @throws not_permitted, validation_failed, email_taken, username_taken
 */
export async function createUser(deps: Deps, scope: Scope, input: NewUser): Promise<User> {
  const act = { action: "user.create", target: { type: "user", id: null, name: keepable(input.email) } } as const;
  const user = await audited(deps, scope, act, async (tx) => {
    const added = await addUser(deps, tx, scope, input);
    const text = `${added.name} was created${isInvited(input) ? ", and the invitation is on its way" : ""}`;
    await notify(tx, scope, deps.clock.now(), { kind: "success", title: "Success", text });
    return added;
  });
  deps.wakeWorker();
  return user;
}

/** The same, within the caller's transaction, for who makes more than one thing at once. */
export async function addUser(deps: Deps, tx: Tx, scope: Scope, input: NewUser): Promise<User> {
  const [id = ""] = await addUsers(deps, tx, scope, [input]);
  const user = await lockUser(tx, scope, id);
  if (isInvited(input)) await issueResetLink(deps, tx, scope, { user, origin: "invitation", by: "mail" });
  return user;
}

/** Whom the role keeps out has no use for an invitation. */
function isInvited({ invite, role }: NewUser): boolean {
  return invite && role !== "no_access";
}
