import type { Scope } from "#instances/scope.ts";
import { after, MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import { findLastActivity } from "#sessions/last-activity.ts";
import { findMissingPermission } from "#users/permissions.ts";
import type { User } from "#users/user.ts";
import { type Ticket, toTicket } from "./ticket.ts";

/** That somebody does something is written down once a minute. */
const AT_THE_SAME_TIME_MS = 2 * MINUTE_MS;

/** @returns whether whoever asked is in: they were signed in when they did, or have signed in since, and mean something else. */
export function isIn(
  ticket: Pick<Ticket, "createdAt">,
  { lastSignInAt }: User,
  lastActivity: Date | undefined,
): boolean {
  const { createdAt } = ticket;
  if (lastActivity !== undefined && lastActivity >= after(createdAt, -AT_THE_SAME_TIME_MS)) return true;
  return lastSignInAt !== null && lastSignInAt >= createdAt;
}

/**
 * @returns the newest ticket, by user, in which one of them asked for help to get in and is not in yet: what is done for them
 *   belongs there. None where the acting person works on no tickets.
 */
export async function findTicketsOfWhoIsOut(
  tx: Tx,
  scope: Scope,
  users: readonly User[],
): Promise<ReadonlyMap<string, Ticket>> {
  if (users.length === 0 || findMissingPermission(scope, "tickets.work") !== undefined) return new Map();
  const ids = users.map(({ id }) => id);
  const rows = await tx
    .selectFrom("tickets")
    .selectAll()
    .where("instance_id", "=", scope.instance.id)
    .where("requester_user_id", "in", ids)
    .where("status", "in", ["open", "waiting_for_user"])
    .orderBy("id")
    .execute();
  if (rows.length === 0) return new Map();
  const activity = await findLastActivity(tx, scope, ids);
  const known = new Map(users.map((user) => [user.id, user]));
  const tickets = rows.map(toTicket).flatMap((ticket): [string, Ticket][] => {
    const user = known.get(ticket.requester.userId ?? "");
    return user && !isIn(ticket, user, activity.get(user.id)) ? [[user.id, ticket]] : [];
  });
  return new Map(tickets);
}
