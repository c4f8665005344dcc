import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { invalidFields, RekeyError } from "#lib/errors.ts";
import { foldAccents, trimUnseen } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { TicketStatus } from "#platform/database/ticket-tables.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { ROLES } from "#users/roles.ts";
import { findUserByIdentifier, findUsers, lockUser, type User } from "#users/user.ts";
import { asTicketTarget, getTicket, laterThan, lockTicket, type Ticket, ticketWithId, toTicket } from "./ticket.ts";
import { requireTicketFields } from "./ticket-fields.ts";
import { addMessage, authorOf } from "./ticket-message.ts";

/** Those that are given; what is left out is not changed. */
interface TicketChanges {
  readonly subject?: string | undefined;
  readonly status?: TicketStatus | undefined;
  /** Null where nobody works on it from now on. */
  readonly assigneeId?: string | null | undefined;
  readonly externalUrl?: string | null | undefined;
  /** Whose account the request is about, by id, or by user name or address. */
  readonly account?: { readonly userId: string } | { readonly identifier: string } | undefined;
}

/**
 * The ticket is as it was changed, and its conversation says who moved it, who works on it now and whose account it is about. Repeats safely: what was so
 * before leaves no message.
 * @throws not_permitted, not_found, validation_failed (on `subject`, `external_url`, on `assignee` for who may not work on
 *   tickets, and on `requester.user_id` or `account` for who is nobody)
 */
export async function updateTicket(
  deps: Deps,
  scope: Scope,
  input: { ticketId: string; changes: TicketChanges },
): Promise<Ticket> {
  const { ticketId, changes } = input;
  const act = { action: "ticket.update", target: ticketWithId(scope, ticketId), ticketId } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "tickets.work");
    await getTicket(tx, scope, ticketId);
    const { subject, externalUrl } = changes;
    requireTicketFields({ subject, externalUrl }, { externalUrl: "external_url" });
    const assignee = changes.assigneeId ? await lockAssignee(tx, scope, changes.assigneeId) : undefined;
    if (changes.account) requirePermission(scope, "users.read");
    const account = changes.account && (await findAccount(tx, scope, changes.account));
    const before = await lockTicket(tx, scope, ticketId);
    const at = deps.clock.now();
    const after = await change(tx, scope, at, { before, changes, account });
    await tellChanges(tx, scope, at, { before, after, assignee, account });
    const { status: to, assigneeId: assigned, requester } = after;
    const detail = { status_from: before.status, status_to: to, assignee: assigned, requester: requester.userId };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTicketTarget(after), detail });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `Ticket ${after.number} is saved` });
    return after;
  });
}

/** Held, so that nobody is given a ticket at the moment of leaving. @throws validation_failed (on `assignee`) */
export async function lockAssignee(tx: Tx, scope: Scope, userId: string, field = "assignee"): Promise<User> {
  const user = await lockUser(tx, scope, userId).catch((error: unknown) => {
    if (error instanceof RekeyError && error.code === "not_found") return undefined;
    throw error;
  });
  if (user?.status === "active" && ROLES[user.role].permissions.has("tickets.work")) return user;
  const detail = "Choose somebody active whose role may work on tickets.";
  throw invalidFields([{ field, code: "may_not_work", detail }]);
}

async function findAccount(tx: Tx, scope: Scope, account: NonNullable<TicketChanges["account"]>): Promise<User> {
  const found =
    "userId" in account
      ? (await findUsers(tx, scope, [account.userId])).get(account.userId)
      : await findUserByIdentifier(tx, scope, account.identifier);
  if (found) return found;
  if ("userId" in account)
    throw invalidFields([{ field: "requester.user_id", code: "not_found", detail: "There is no such user." }]);
  const detail = "Nobody here goes by this user name or address.";
  throw invalidFields([{ field: "account", code: "not_found", detail }]);
}

async function change(
  tx: Tx,
  scope: Scope,
  at: Date,
  { before, changes, account }: { before: Ticket; changes: TicketChanges; account: User | undefined },
): Promise<Ticket> {
  const { status = before.status, assigneeId = before.assigneeId, externalUrl = before.externalUrl } = changes;
  const subject = trimUnseen(changes.subject ?? before.subject);
  const { userId, name, email } = before.requester;
  const row = await tx
    .updateTable("tickets")
    .set({
      subject,
      status,
      assignee_id: assigneeId,
      external_url: externalUrl || null,
      requester_user_id: account?.id ?? userId,
      search_text: [subject, name, email].map(foldAccents).join("\n"),
      updated_at: laterThan(at),
    })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toTicket(row);
}

async function tellChanges(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { before: Ticket; after: Ticket; assignee: User | undefined; account: User | undefined },
): Promise<void> {
  const { before, after, assignee, account } = of;
  const message = { ticketId: after.id, author: authorOf(scope) } as const;
  if (before.status !== after.status)
    await addMessage(tx, scope, at, { ...message, kind: "status_changed", detail: { to: after.status } });
  if (before.assigneeId !== after.assigneeId)
    await addMessage(tx, scope, at, { ...message, kind: "assigned", detail: { to: assignee?.name ?? null } });
  if (account && before.requester.userId !== account.id)
    await addMessage(tx, scope, at, { ...message, kind: "linked", detail: { to: account.name } });
}
