import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import { replaceCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold, keepable } from "#lib/text.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { issueResetLink } from "#recovery/issue-reset-link.ts";
import { requireMayGrant, requirePermission } from "#users/permissions.ts";
import { asTarget, findUserByIdentifier, toUser, type User } from "#users/user.ts";
import { requireValidFields, toColumns, type UserFields } from "./user-fields.ts";

export interface NewUser extends Omit<UserFields, "username"> {
  /** Left out, it is made from the address. */
  readonly username?: string | undefined;
  readonly role: Role;
  /** Of a password that the user has already, from a configuration or another system. */
  readonly passwordHash?: string | undefined;
  /** Whether an invitation is mailed at once. */
  readonly invite: boolean;
}

/**
 * The instance has one user more, and the invitation waits in the outbox if one was asked for.
 * @throws not_permitted, validation_failed, email_taken, username_taken
 */
export async function createUser(deps: Deps, scope: Scope, input: NewUser): Promise<User> {
  const act = { action: "user.create", target: { type: "user", id: null, name: keepable(input.email) } } as const;
  const user = await audited(deps, scope, act, (tx) => addUser(deps, tx, scope, input));
  deps.wakeWorker();
  return user;
}

/** The same, within the caller's transaction, for who makes more than one thing at once. */
export async function addUser(deps: Deps, tx: Tx, scope: Scope, input: NewUser): Promise<User> {
  requirePermission(scope, "users.edit");
  requireMayGrant(scope, input.role);
  requireValidFields(input);
  const at = deps.clock.now();
  if (await findUserByIdentifier(tx, scope, input.email)) throw new RekeyError("email_taken");
  const username = await chooseUsername(tx, scope, input);
  const user = await insertUser(tx, scope, at, { ...input, username });
  const { passwordHash } = input;
  if (passwordHash !== undefined) {
    await replaceCredential(tx, scope, at, { userId: user.id, credential: { kind: "permanent", passwordHash } });
  }
  const detail = { role: user.role, has_password: passwordHash !== undefined };
  await recordAuditEvent(tx, scope, at, { action: "user.create", target: asTarget(user), detail });
  if (input.invite && user.role !== "no_access")
    await issueResetLink(deps, tx, scope, { userId: user.id, origin: "invitation", by: "mail" });
  return user;
}

/** @throws username_taken when one was given; one made from the address gets a number until it is free. */
async function chooseUsername(tx: Tx, scope: Scope, input: NewUser): Promise<string> {
  const isTaken = async (name: string): Promise<boolean> => (await findUserByIdentifier(tx, scope, name)) !== undefined;
  if (input.username !== undefined) {
    if (await isTaken(input.username)) throw new RekeyError("username_taken");
    return input.username;
  }
  const base =
    fold(input.email)
      .split("@")[0]
      ?.replace(/[^\p{L}\p{N}._-]+/gu, ".")
      .slice(0, 58) || "user";
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}.${number}`;
    if (!(await isTaken(name))) return name;
  }
}

async function insertUser(tx: Tx, scope: Scope, at: Date, input: UserFields & { role: Role }): Promise<User> {
  const row = await tx
    .insertInto("users")
    .values({ instance_id: scope.instance.id, id: newId(), ...toColumns(input), role: input.role, created_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toUser(row);
}
