import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { TicketStatus } from "#platform/database/ticket-tables.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { findUsers, searchPatterns, type User } from "#users/user.ts";
import { type Ticket, toTicket } from "./ticket.ts";

/** What a list shows: what somebody has to do, what waits for the requester, and what is done. */
export const TICKET_VIEWS = {
  open: ["open"],
  waiting_for_user: ["waiting_for_user"],
  done: ["resolved", "closed"],
  all: ["open", "waiting_for_user", "resolved", "closed"],
} as const satisfies Record<string, readonly TicketStatus[]>;

export type TicketView = keyof typeof TICKET_VIEWS;

/** What a list may be narrowed to: what a page shows together, or one status. */
export const TICKET_FILTERS = {
  ...TICKET_VIEWS,
  resolved: ["resolved"],
  closed: ["closed"],
} as const satisfies Record<string, readonly TicketStatus[]>;

export type TicketFilter = keyof typeof TICKET_FILTERS;

export interface TicketQuery<Filter extends TicketFilter = TicketFilter> {
  readonly view: Filter;
  /** Any part of subject, name or address, or a number. */
  readonly q?: string | undefined;
  readonly assigneeId?: string | undefined;
  readonly limit: number;
  /** From the page before. */
  readonly cursor?: string | undefined;
}

export interface TicketPage {
  readonly items: readonly { readonly ticket: Ticket; readonly assignee: User | undefined }[];
  readonly counts: { readonly open: number; readonly waiting_for_user: number; readonly done: number };
  readonly nextCursor: string | null;
}

/**
 * @returns one page of the tickets of the instance, what last happened first, found by key rather than by counting.
 * @throws not_permitted, validation_failed for a cursor that is none
 */
export async function listTickets(deps: Deps, scope: Scope, query: TicketQuery): Promise<TicketPage> {
  requirePermission(scope, "tickets.work");
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const found = await findTickets(tx, scope, query, cursor);
    const tickets = found.slice(0, query.limit);
    const assigneeIds = tickets.flatMap(({ assigneeId }) => assigneeId ?? []);
    const assignees = await findUsers(tx, scope, [...new Set(assigneeIds)]);
    const last = found.length > query.limit ? tickets.at(-1) : undefined;
    return {
      items: tickets.map((ticket) => ({ ticket, assignee: assignees.get(ticket.assigneeId ?? "") })),
      counts: await countTickets(tx, scope),
      nextCursor: last ? formatCursor(last) : null,
    };
  });
}

/** @returns the newest tickets of which a user is the requester. */
export async function findTicketsOf(tx: Tx, scope: Scope, userId: string, limit: number): Promise<readonly Ticket[]> {
  const rows = await tx
    .selectFrom("tickets")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("requester_user_id", "=", userId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map(toTicket);
}

/** @returns the tickets in which somebody has to do something, the longest open first. */
export async function findOpenTickets(tx: Tx, scope: Scope, limit: number): Promise<readonly Ticket[]> {
  const rows = await tx
    .selectFrom("tickets")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("status", "=", "open")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toTicket);
}

async function findTickets(
  tx: Tx,
  scope: Scope,
  query: TicketQuery,
  cursor: Cursor | undefined,
): Promise<readonly Ticket[]> {
  let tickets = tx
    .selectFrom("tickets")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("status", "in", TICKET_FILTERS[query.view]);
  if (query.assigneeId !== undefined) tickets = tickets.where("assignee_id", "=", query.assigneeId);
  const number = /^\s*#?([1-9]\d{0,8})\s*$/.exec(query.q ?? "")?.[1];
  for (const pattern of searchPatterns(query.q ?? ""))
    tickets = tickets.where((ticket) =>
      ticket.or([
        ticket("search_text", "like", pattern),
        ...(number === undefined ? [] : [ticket("number", "=", Number(number))]),
      ]),
    );
  if (cursor)
    tickets = tickets.where(sql<boolean>`(updated_at, id) < (${cursor.updatedAt}::timestamptz, ${cursor.id}::uuid)`);
  const rows = await tickets
    .orderBy("updated_at", "desc")
    .orderBy("id", "desc")
    .limit(query.limit + 1)
    .execute();
  return rows.map(toTicket);
}

async function countTickets(tx: Tx, scope: Scope): Promise<TicketPage["counts"]> {
  return tx
    .selectFrom("tickets")
    .select([
      sql<number>`(count(*) filter (where status = 'open'))::int`.as("open"),
      sql<number>`(count(*) filter (where status = 'waiting_for_user'))::int`.as("waiting_for_user"),
      sql<number>`(count(*) filter (where status in ('resolved', 'closed')))::int`.as("done"),
    ])
    .where("instance_id", "=", scope.instance.id)
    .executeTakeFirstOrThrow();
}

/** After which ticket a page begins. */
interface Cursor {
  readonly updatedAt: Date;
  readonly id: string;
}

function formatCursor({ updatedAt, id }: Ticket): string {
  return Buffer.from(JSON.stringify([updatedAt.getTime(), id])).toString("base64url");
}

function parseCursor(text: string): Cursor {
  try {
    const [time, id] = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    const updatedAt = new Date(time);
    if (typeof time === "number" && updatedAt.getTime() === time && typeof id === "string" && isId(id))
      return { updatedAt, id };
  } catch {
    // Falls through: what is not our JSON is no cursor either.
  }
  const detail = "Take it from next_cursor of the page before.";
  throw invalidFields([{ field: "cursor", code: "malformed", detail }]);
}
