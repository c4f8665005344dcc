import { listApprovals } from "#approvals/approval.ts";
import { findCredentialKinds } from "#credentials/credential.ts";
import { actingUserId, type Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { findLatestRecoveries } from "#recovery/recovery.ts";
import { findUnreachedUsers, findUsersUnderWay } from "#recovery/users-under-way.ts";
import { findLastActivity } from "#sessions/last-activity.ts";
import { findLockedUsers } from "#sessions/lockout.ts";
import { findOpenTickets } from "#tickets/list-tickets.ts";
import { isIn } from "#tickets/still-out.ts";
import type { Ticket } from "#tickets/ticket.ts";
import { findMissingPermission, requirePermission } from "#users/permissions.ts";
import { countUsers, findFrozenUsers, findUsers, type User } from "#users/user.ts";
import { byUrgency, FROZEN, LOCKED, type Obstacle, obstacleOf } from "./obstacle.ts";

/** How many of each kind the dashboard looks at. */
const LOOKED_AT = 100;

/** Somebody who is to be let back in and is not in yet. */
export interface Waiting {
  readonly name: string;
  readonly email: string;
  /** Where they are helped: their profile, or their ticket where that is what they wait for. */
  readonly href: string;
  /** The earliest that is known. */
  readonly since: Date;
  /** The most urgent that is known. */
  readonly obstacle: Obstacle;
}

export interface Overview {
  /** Most urgent first, and of those the longest waiting. */
  readonly waiting: readonly Waiting[];
  /** How many requests of others wait for a second administrator. */
  readonly approvals: number;
  readonly counts: { readonly all: number; readonly active: number; readonly inactive: number };
}

/** One reason why somebody waits. */
interface Reason {
  readonly userId: string;
  readonly since: Date;
  /** Where it is dealt with, unless that is on the profile. */
  readonly href?: string;
  obstacle(user: User): Obstacle | undefined;
}

/** @returns who waits to get back in. @throws not_permitted */
export async function readOverview(deps: Deps, scope: Scope): Promise<Overview> {
  requirePermission(scope, "users.read");
  return deps.db.inInstance(scope.instance.id, async (tx) => ({
    waiting: await findWaiting(tx, scope, deps.clock.now()),
    approvals: await countApprovals(tx, scope, deps.clock.now()),
    counts: await countUsers(tx, scope),
  }));
}

/** Who may decide none is not bothered. */
async function countApprovals(tx: Tx, scope: Scope, now: Date): Promise<number> {
  if (findMissingPermission(scope, "users.edit") !== undefined) return 0;
  const others = (await listApprovals(tx, scope, now)).filter(({ requestedBy }) => requestedBy !== actingUserId(scope));
  return others.filter(({ state }) => state === "waiting").length;
}

async function findWaiting(tx: Tx, scope: Scope, now: Date): Promise<readonly Waiting[]> {
  const mayWorkTickets = findMissingPermission(scope, "tickets.work") === undefined;
  const tickets = mayWorkTickets ? await findOpenTickets(tx, scope, LOOKED_AT) : [];
  // Of what is equally urgent the first of these is told: nothing else helps who is frozen.
  const reasons = [
    ...(await findFrozenUsers(tx, scope, LOOKED_AT)).map(frozenReason),
    ...(await findLockedUsers(tx, scope, now, LOOKED_AT)).map(lockedReason),
    ...(await recoveryReasons(tx, scope, now)),
    ...(await ticketReasons(tx, scope, tickets)),
  ];
  const users = await findUsers(tx, scope, [...new Set(reasons.map(({ userId }) => userId))]);
  const known = [...users.values()].flatMap((user) => asWaiting(user, reasons) ?? []);
  const strangers = tickets.filter(({ requester }) => requester.userId === null).map(asStranger);
  return [...known, ...strangers].sort(
    (a, b) => byUrgency(a.obstacle, b.obstacle) || a.since.getTime() - b.since.getTime(),
  );
}

/** Only the newest recovery of each user says whether they are still out. */
async function recoveryReasons(tx: Tx, scope: Scope, now: Date): Promise<readonly Reason[]> {
  const userIds = new Set([
    ...(await findUsersUnderWay(tx, scope, LOOKED_AT)),
    ...(await findUnreachedUsers(tx, scope, LOOKED_AT)),
  ]);
  const [newest, credentials] = await Promise.all([
    findLatestRecoveries(tx, scope, [...userIds]),
    findCredentialKinds(tx, scope, [...userIds]),
  ]);
  const isRefused = (userId: string): boolean => credentials.get(userId) === "refused";
  return [...newest.values()].map((recovery) => ({
    userId: recovery.userId,
    since: recovery.requestedAt,
    obstacle: (user) =>
      user.status === "active" ? obstacleOf(recovery, { user, isRefused: isRefused(user.id), now }) : undefined,
  }));
}

/** Strangers' guesses keep nobody out who comes from a browser that is known. */
function lockedReason({ userId, since }: { userId: string; since: Date }): Reason {
  const isOut = ({ status, lastSignInAt }: User): boolean =>
    status === "active" && (lastSignInAt === null || lastSignInAt < since);
  return { userId, since, obstacle: (user) => (isOut(user) ? LOCKED : undefined) };
}

function frozenReason({ id, frozenAt, createdAt }: User): Reason {
  return { userId: id, since: frozenAt ?? createdAt, obstacle: () => FROZEN };
}

/** Who was signed in when they asked, or is since, may have another question, but is in. */
async function ticketReasons(tx: Tx, scope: Scope, tickets: readonly Ticket[]): Promise<readonly Reason[]> {
  const userIds = tickets.flatMap(({ requester }) => requester.userId ?? []);
  const activity = await findLastActivity(tx, scope, [...new Set(userIds)]);
  return tickets.flatMap((ticket) => {
    const { requester, createdAt, number } = ticket;
    if (requester.userId === null) return [];
    const lastActivity = activity.get(requester.userId);
    const obstacle = (user: User): Obstacle | undefined =>
      isIn(ticket, user, lastActivity) ? undefined : ticketOpen(number);
    return [{ userId: requester.userId, since: createdAt, href: ticketAddress(number), obstacle }];
  });
}

function ticketAddress(number: number): string {
  return `/tickets/${number}`;
}

function ticketOpen(number: number): Obstacle {
  return { kind: "waiting", words: `Ticket #${number} is open` };
}

function asWaiting(user: User, reasons: readonly Reason[]): Waiting | undefined {
  const own = reasons
    .filter(({ userId }) => userId === user.id)
    .flatMap(({ since, href, obstacle }) => {
      const found = obstacle(user);
      return found ? [{ since, href, obstacle: found }] : [];
    });
  const [first] = own.toSorted((a, b) => byUrgency(a.obstacle, b.obstacle));
  if (!first) return undefined;
  const since = new Date(Math.min(...own.map((reason) => reason.since.getTime())));
  const { id, name, email } = user;
  return { name, email, href: first.href ?? `/settings/users/${id}`, since, obstacle: first.obstacle };
}

function asStranger({ requester: { name, email }, number, createdAt }: Ticket): Waiting {
  return { name, email, href: ticketAddress(number), since: createdAt, obstacle: ticketOpen(number) };
}
