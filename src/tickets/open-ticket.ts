import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import { keepable, trimUnseen } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { findUserByIdentifier, findUsers } from "#users/user.ts";
import { asTicketTarget, createTicket, type Requester, type Ticket } from "./ticket.ts";
import { requireTicketFields } from "./ticket-fields.ts";
import { addMessage, asAuthor } from "./ticket-message.ts";

interface TicketToOpen {
  readonly subject: string;
  /** What the requester said, in their words. */
  readonly message?: string | undefined;
  readonly requester: { readonly userId?: string | undefined; readonly name: string; readonly email: string };
  readonly externalUrl?: string | undefined;
}

/**
 * A ticket is open, in the name of who asked for help; it is linked to their account where the address is of one, unless an
 * account is named.
 * @throws not_permitted, validation_failed (on `subject`, `message`, `external_url`, `requester.name`, `requester.email`,
 *   `requester.user_id`)
 */
export async function openTicket(deps: Deps, scope: Scope, input: TicketToOpen): Promise<Ticket> {
  const { subject, message, requester, externalUrl } = input;
  const target = { type: "ticket", id: null, name: keepable(subject) } as const;
  return audited(deps, scope, { action: "ticket.open", target }, async (tx) => {
    requirePermission(scope, "tickets.work");
    requireTicketFields({ subject, text: message, externalUrl, ...requester }, FIELD_NAMES);
    const known = await findRequester(tx, scope, requester);
    return recordTicket(deps, tx, scope, { subject, message, requester: known, externalUrl });
  });
}

/** A ticket with its first message and its audit event; guards are the caller's. */
export async function recordTicket(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  of: {
    subject: string;
    message?: string | undefined;
    requester: Requester;
    externalUrl?: string | undefined;
  },
): Promise<Ticket> {
  const at = deps.clock.now();
  const { message, requester, externalUrl } = of;
  const ticket = await createTicket(tx, scope, at, { subject: trimUnseen(of.subject), requester, externalUrl });
  if (message !== undefined)
    await addMessage(tx, scope, at, { ticketId: ticket.id, kind: "said", author: asAuthor(requester), text: message });
  const target = asTicketTarget(ticket);
  await recordAuditEvent(tx, scope, at, { action: "ticket.open", target, ticketId: ticket.id });
  return ticket;
}

/** @returns the requester, with the account of that address where there is one. */
export async function findRequester(
  tx: Tx,
  scope: Scope,
  of: { userId?: string | undefined; name: string; email: string },
): Promise<Requester> {
  const [name, email] = [trimUnseen(of.name), trimUnseen(of.email)];
  if (of.userId === undefined)
    return { userId: (await findUserByIdentifier(tx, scope, email))?.id ?? null, name, email };
  if ((await findUsers(tx, scope, [of.userId])).size > 0) return { userId: of.userId, name, email };
  throw invalidFields([{ field: "requester.user_id", code: "not_found", detail: "There is no such user." }]);
}

/** By what the API calls them. */
const FIELD_NAMES = {
  text: "message",
  externalUrl: "external_url",
  name: "requester.name",
  email: "requester.email",
} as const;
