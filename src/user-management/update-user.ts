import { revokeKeysOf } from "#api-keys/api-key.ts";
import { askingApproval, requireSecondAdministrator } from "#approvals/second-administrator.ts";
import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold } from "#lib/text.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Role } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { heldUntil } from "#recovery/held-address.ts";
import { revokeOpenRecoveries } from "#recovery/revoke-open-recoveries.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { endSessionsOf } from "#sessions/session.ts";
import { releaseTickets } from "#tickets/hand-over-tickets.ts";
import { requireMayActOn, requireMayGrant, requirePermission } from "#users/permissions.ts";
import { ROLES } from "#users/roles.ts";
import {
  asTarget,
  findUserByIdentifier,
  holdAddress,
  lockOwners,
  lockUser,
  targetWithId,
  toUser,
  type User,
} from "#users/user.ts";
import { lockReportingLines, requireSuperior, type Superior } from "./reports-to.ts";
import { requireValidFields, type SomeFields, toColumns } from "./user-fields.ts";

/** What is left out stays as it is; null empties what may be empty. */
export interface UserChanges extends SomeFields {
  readonly role?: Role | undefined;
  readonly reportsTo?: Superior | null | undefined;
}

/**
 * The user is as the changes say. An address or a role is changed by a fresh sign-in only. With a new address the old one is told, and links to it are dead; with a lower role all
 * sessions are over. What changes nothing is no edit: nothing is recorded and nobody told.
 * @throws not_permitted, step_up_required, approval_required, not_found, validation_failed, email_taken, username_taken, last_owner
 */
export async function updateUser(
  deps: Deps,
  scope: Scope,
  input: { userId: string; changes: UserChanges },
): Promise<User> {
  const { userId, changes } = input;
  const changed = Object.keys(changes).filter((field) => changes[field as keyof UserChanges] !== undefined);
  const act = { action: "user.update", target: targetWithId(scope, userId), detail: { changed } } as const;
  const update = async (tx: Tx): Promise<User> => {
    requirePermission(scope, "users.edit");
    const owners = changes.role === undefined ? [] : await lockOwners(tx, scope);
    if (changes.reportsTo) await lockReportingLines(tx, scope);
    const before = await lockUser(tx, scope, userId);
    requireMayActOn(scope, before);
    requireMayChangeRole(scope, before, { role: changes.role, owners });
    const at = deps.clock.now();
    const after = await applyChanges(tx, scope, at, { before, changes });
    const { email } = changes;
    // Nobody is asked to approve what could not be done.
    if (email !== undefined && fold(email) !== fold(before.email))
      await requireSecondAdministrator(tx, scope, at, { act: "change_address", user: before, input: { email } });
    const detail = differences(before, after);
    if (detail.changed.length === 0) return after;
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(after), detail });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `${after.name} was saved` });
    return after;
  };
  const user = await askingApproval(deps, scope, () => audited(deps, scope, act, update));
  deps.wakeWorker();
  return user;
}

/**
 * The same within the caller's transaction, which holds the user's row, knows that the acting person may, and records the act.
 * @throws step_up_required, validation_failed, email_taken, username_taken
 */
export async function applyChanges(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { before: User; changes: UserChanges },
): Promise<User> {
  const { before, changes } = of;
  requireValidFields(changes);
  await requireFree(tx, scope, before, changes);
  const reportsTo = await requireSuperiorOf(tx, scope, before, changes);
  const after = await write(tx, scope, before, { ...changes, reportsTo });
  const isMoved = fold(after.email) !== fold(before.email);
  if (isMoved || after.role !== before.role) requireFreshSignIn(scope, at);
  if (isMoved) await followAddress(tx, scope, at, { before, after });
  if (ROLES[after.role].rank < ROLES[before.role].rank) await followDemotion(tx, scope, at, after);
  return after;
}

function requireMayChangeRole(
  scope: Scope,
  user: User,
  to: { role: Role | undefined; owners: readonly string[] },
): void {
  if (to.role === undefined || to.role === user.role) return;
  requirePermission(scope, "users.change_role");
  requireMayGrant(scope, to.role);
  if (to.owners.length === 1 && to.owners[0] === user.id) throw new RekeyError("last_owner");
}

async function requireFree(tx: Tx, scope: Scope, user: User, { email, username }: UserChanges): Promise<void> {
  for (const [name, code] of [
    [email, "email_taken"],
    [username, "username_taken"],
  ] as const) {
    const holder = name === undefined ? undefined : await findUserByIdentifier(tx, scope, name);
    if (holder && holder.id !== user.id) throw new RekeyError(code);
  }
}

async function requireSuperiorOf(tx: Tx, scope: Scope, user: User, { reportsTo }: UserChanges): Promise<string | null> {
  if (reportsTo === undefined) return user.reportsTo;
  return reportsTo && requireSuperior(tx, scope, user, reportsTo);
}

async function write(
  tx: Tx,
  scope: Scope,
  before: User,
  changes: Omit<UserChanges, "reportsTo"> & Pick<User, "reportsTo">,
): Promise<User> {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const merged = { ...before, ...given };
  const row = await tx
    .updateTable("users")
    .set({ ...toColumns(merged), role: merged.role, reports_to: merged.reportsTo })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toUser(row);
}

/** Whoever reads the old mailbox has no business here any more; its owner is told, so that a change nobody asked for is noticed. */
async function followAddress(tx: Tx, scope: Scope, at: Date, of: { before: User; after: User }): Promise<void> {
  const { before, after } = of;
  await holdAddress(tx, scope, after.id, await heldUntil(tx, scope, at, before));
  await revokeOpenRecoveries(tx, scope, at, { userId: after.id, because: "address_changed", method: "reset_link" });
  const data = { at: at.toISOString(), by_name: scope.actor.name, from: before.email, to: after.email };
  for (const to of [before.email, after.email])
    await queueEmail(tx, scope, at, { kind: "address_changed", userId: after.id, to, data });
}

async function followDemotion(tx: Tx, scope: Scope, at: Date, user: User): Promise<void> {
  await endSessionsOf(tx, scope, at, { userId: user.id });
  await revokeKeysOf(tx, scope, at, user.id);
  if (!ROLES[user.role].permissions.has("tickets.work")) await releaseTickets(tx, scope, at, user);
  if (user.role === "no_access")
    await revokeOpenRecoveries(tx, scope, at, { userId: user.id, because: "role_denies_access" });
}

/** @returns what was changed, for the record: role and address with what they were, of the rest the names alone. */
function differences(before: User, after: User) {
  const changed = (Object.keys(after) as (keyof User)[]).filter(
    (field) => field !== "name" && String(before[field]) !== String(after[field]),
  );
  return {
    changed,
    ...(before.role !== after.role && { role_from: before.role, role_to: after.role }),
    ...(before.email !== after.email && { email_from: before.email, email_to: after.email }),
  };
}
