import type { Selectable } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { Detail } from "#platform/database/column-types.ts";
import type { TicketAuthorType, TicketMessageKind, TicketMessagesTable } from "#platform/database/ticket-tables.ts";
import { laterThan, type Requester } from "./ticket.ts";

/** One entry of the conversation: what a person wrote, or what the product wrote about what happened. */
export interface TicketMessage {
  readonly id: string;
  readonly kind: TicketMessageKind;
  readonly author: { readonly type: TicketAuthorType; readonly id: string | null; readonly name: string };
  /** Null where the product wrote it; `messageWords` tells it then. */
  readonly text: string | null;
  readonly detail: Detail;
  readonly at: Date;
}

type Author = TicketMessage["author"];

interface NewMessage {
  readonly ticketId: string;
  readonly kind: TicketMessageKind;
  readonly author: Author;
  readonly text?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** What the product wrote by itself. */
export const PRODUCT: Author = { type: "system", id: null, name: "Rekey" };

/** @returns who acts, as the author of what they write. */
export function authorOf({ actor }: Scope): Author {
  if (actor.type === "stranger") return PRODUCT;
  return { type: actor.type, id: actor.id, name: actor.name };
}

/** @returns the requester as the author of what they write. */
export function asAuthor({ userId, name }: Requester): Author {
  return { type: "requester", id: userId, name };
}

/** Adds to the conversation, and tells whoever looks at it; nothing is ever taken away from one. @returns its id. */
export async function addMessage(tx: Tx, scope: Scope, at: Date, of: NewMessage): Promise<string> {
  const { ticketId, kind, author, text = null, detail = {} } = of;
  const id = newId();
  const message = tx
    .insertInto("ticket_messages")
    .values({
      instance_id: scope.instance.id,
      id,
      ticket_id: ticketId,
      kind,
      author_type: author.type,
      author_id: author.id,
      author_name: author.name,
      text,
      detail: JSON.stringify(detail),
      at,
    })
    .returning(changeOf(scope.instance.id).as("told"));
  const activity = tx
    .updateTable("tickets")
    .set({ updated_at: laterThan(at) })
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", ticketId);
  await sendAlong(tx, message);
  await sendAlong(tx, activity);
  return id;
}

/** @returns the conversation of a ticket, oldest message first. */
export async function readMessages(tx: Tx, scope: Scope, ticketId: string): Promise<readonly TicketMessage[]> {
  const rows = await tx
    .selectFrom("ticket_messages")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("ticket_id", "=", ticketId)
    .orderBy("id")
    .execute();
  return rows.map(toMessage);
}

function toMessage(row: Selectable<TicketMessagesTable>): TicketMessage {
  return {
    id: row.id,
    kind: row.kind,
    author: { type: row.author_type, id: row.author_id, name: row.author_name },
    text: row.text,
    detail: row.detail,
    at: row.at,
  };
}
