import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { DAY_MS } from "#lib/clock.ts";
import { invalidFields, RekeyError } from "#lib/errors.ts";
import { findTextFault } from "#lib/fields.ts";
import { keepable, trimUnseen } from "#lib/text.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { countTowardsLimit } from "#rate-limits/rate-limit.ts";
import { createTicket } from "#tickets/ticket.ts";
import { addMessage, asAuthor } from "#tickets/ticket-message.ts";
import { findMissingPermission } from "#users/permissions.ts";
import { type Permission, PERMISSION_NAMES, PERMISSIONS, ROLE_NAMES, ROLES } from "#users/roles.ts";
import { findActiveUsers, getUser, type User } from "#users/user.ts";

/** Whoever asks every day is heard every day, and not more often. */
const ONCE_A_DAY = { times: 1, windowMs: DAY_MS };
const LONGEST_NOTE = 500;
/** In a sentence. */
const MOST_NAMES = 4;

/** @returns what the acting person may not do, of everything that a role may. */
export function lackedPermissions(scope: Scope): readonly Permission[] {
  return PERMISSION_NAMES.filter((permission) => findMissingPermission(scope, permission) !== undefined);
}

/** @returns who can give the acting person another role, by name; nobody where theirs lacks nothing. */
export async function findGrantors(tx: Tx, scope: Scope): Promise<readonly User[]> {
  return lackedPermissions(scope).length === 0 ? [] : findHolders(tx, scope, "users.change_role");
}

/** @returns the active people who have the permission and can give it, by name. */
export function findHolders(tx: Tx, scope: Scope, permission: Permission): Promise<readonly User[]> {
  const roles = ROLE_NAMES.filter((role) =>
    (["users.change_role", permission] as const).every((each) => ROLES[role].permissions.has(each)),
  );
  return findActiveUsers(tx, scope, roles);
}

/**
 * Those who have the permission and can give it are asked for it by mail, once a day, and a ticket is open about it.
 * @throws validation_failed (on `permission`, `note`), too_many_requests
 */
export async function requestAccess(
  deps: Deps,
  scope: Scope,
  input: { permission: Permission; note?: string | undefined },
): Promise<readonly User[]> {
  const { actor } = scope;
  if (actor.type !== "user") throw new RekeyError("not_permitted", { detail: "A person asks, no program." });
  const note = keepable(trimUnseen(input.note ?? ""));
  const target = { type: "user", id: actor.id, name: actor.name } as const;
  const act = { action: "access.request", target, reason: note || undefined } as const;
  const holders = await audited(deps, scope, act, async (tx) => {
    const at = deps.clock.now();
    requireLacked(scope, input);
    const { permission } = input;
    const detail = "You asked for it within the last day, and those who can give it have your mail.";
    await countTowardsLimit(tx, scope, at, { key: `access:${permission}:${actor.id}`, ...ONCE_A_DAY, detail });
    const asked = await findHolders(tx, scope, permission);
    const ticketId = await openAccessTicket(tx, scope, at, { userId: actor.id, permission, note });
    const data = { at: at.toISOString(), permission, by_name: actor.name, by_id: actor.id, note };
    for (const { id, email } of asked)
      await queueEmail(tx, scope, at, { kind: "access_requested", userId: id, to: email, data });
    await recordAuditEvent(tx, scope, at, { ...act, ticketId, detail: { permission } });
    const text = `Your request is on its way to ${namesOf(asked)}`;
    await notify(tx, scope, at, { kind: "success", title: "Success", text });
    return asked;
  });
  deps.wakeWorker();
  return holders;
}

async function openAccessTicket(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; permission: Permission; note: string },
): Promise<string> {
  const { name, email } = await getUser(tx, scope, of.userId);
  const requester = { userId: of.userId, name, email };
  const { id: ticketId } = await createTicket(tx, scope, at, {
    subject: `Access requested: ${PERMISSIONS[of.permission]}`,
    requester,
  });
  const author = asAuthor(requester);
  if (of.note) await addMessage(tx, scope, at, { ticketId, kind: "said", author, text: of.note });
  return ticketId;
}

/** @returns the names, for a sentence: `Olivia Reed and Marcus Bell`, or of many the first and how many more. */
export function namesOf(people: readonly Pick<User, "name">[]): string {
  const names = people.map(({ name }) => name);
  const shown =
    names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES - 1), `${names.length - MOST_NAMES + 1} others`] : names;
  return new Intl.ListFormat("en").format(shown);
}

function requireLacked(
  scope: Scope,
  { permission, note }: { permission: Permission; note?: string | undefined },
): void {
  const fault = findTextFault("note", note ?? "", LONGEST_NOTE);
  if (fault) throw invalidFields([fault]);
  if (findMissingPermission(scope, permission) !== undefined) return;
  const detail = `You have this already: ${PERMISSIONS[permission]}.`;
  throw invalidFields([{ field: "permission", code: "not_lacked", detail }]);
}
