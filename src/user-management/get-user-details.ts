import { type Approval, listApprovalsAbout } from "#approvals/approval.ts";
import { listSignIns, type SignIn } from "#audit-trail/list-sign-ins.ts";
import type { Scope } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { listRecoveries, type Recovery } from "#recovery/recovery.ts";
import { readTimelines, type TimelineEvent } from "#recovery/timeline.ts";
import { listSessions, type LiveSession } from "#sessions/list-sessions.ts";
import { findTicketsOfWhoIsOut } from "#tickets/still-out.ts";
import type { Ticket } from "#tickets/ticket.ts";
import { type AddressDoubt, findSpellingDoubt } from "#users/address-doubt.ts";
import { requirePermission } from "#users/permissions.ts";
import { findUsers, getUser, type User } from "#users/user.ts";
import { type Access, readAccess } from "./access.ts";
import { type Actions, actionsOn } from "./actions.ts";
import { findGrantors } from "./request-access.ts";

/** How many past recoveries the profile shows. */
const HISTORY_LENGTH = 10;

export interface UserDetails {
  readonly user: User;
  /** Whom the user reports to. */
  readonly superior: User | undefined;
  readonly access: Access;
  readonly actions: Actions;
  /** In which they asked for help to get in, if they did and are not in yet: what is done here is kept there. */
  readonly ticket: Ticket | undefined;
  /** Whether a link is sent only with a verification record. */
  readonly asksBeforeSending: boolean;
  /** From the spelling of the address, unless a link that was mailed there has been used. */
  readonly addressDoubt: AddressDoubt | undefined;
  /** Whether the instance lets links be copied at all. */
  readonly allowsCopiedLinks: boolean;
  /** Who can give the acting person what their role lacks; nobody where it lacks nothing. */
  readonly grantors: readonly User[];
  /** What was asked for about them and waits for a second administrator, with who asked. */
  readonly waitingApprovals: readonly { readonly approval: Approval; readonly requester: User | undefined }[];
  readonly sessions: readonly LiveSession[];
  readonly signIns: readonly SignIn[];
  /** Newest first, each with its timeline; what is still open is among them, however old. */
  readonly recoveries: readonly { readonly recovery: Recovery; readonly timeline: readonly TimelineEvent[] }[];
}

/** @returns everything that profile and information panel show of a user. @throws not_permitted, not_found */
export async function getUserDetails(deps: Deps, scope: Scope, userId: string): Promise<UserDetails> {
  requirePermission(scope, "users.read");
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const user = await getUser(tx, scope, userId);
    const now = deps.clock.now();
    const access = (await readAccess(tx, scope, now, [user])).of(user);
    const latest = await listRecoveries(tx, scope, { userId: user.id, limit: HISTORY_LENGTH });
    const isOlder = ({ id }: Recovery): boolean => !latest.some((recovery) => recovery.id === id);
    const recoveries = [...latest, ...access.openRecoveries.filter(isOlder)];
    const timelines = await readTimelines(
      tx,
      scope,
      recoveries.map(({ id }) => id),
    );
    return {
      user,
      superior: await findSuperior(tx, scope, user),
      access,
      actions: actionsOn(scope, user, access, now),
      ticket: (await findTicketsOfWhoIsOut(tx, scope, [user])).get(user.id),
      asksBeforeSending: scope.instance.requiresVerificationForLinks,
      addressDoubt: isProven(user, recoveries) ? undefined : await findSpellingDoubt(tx, scope, user.email),
      allowsCopiedLinks: scope.instance.allowsCopiedLinks,
      grantors: await findGrantors(tx, scope),
      waitingApprovals: await findWaiting(tx, scope, now, user),
      sessions: await listSessions(tx, scope, now, { userId: user.id }),
      signIns: await listSignIns(tx, scope, user.id),
      recoveries: recoveries.map((recovery) => ({ recovery, timeline: timelines.get(recovery.id) ?? [] })),
    };
  });
}

async function findWaiting(tx: Tx, scope: Scope, at: Date, { id }: User): Promise<UserDetails["waitingApprovals"]> {
  const approvals = await listApprovalsAbout(tx, scope, at, id);
  const requesters = await findUsers(
    tx,
    scope,
    approvals.map(({ requestedBy }) => requestedBy),
  );
  return approvals.map((approval) => ({ approval, requester: requesters.get(approval.requestedBy) }));
}

function isProven({ email }: User, recoveries: readonly Recovery[]): boolean {
  return recoveries.some(
    ({ completedAt, sentTo, lastMail }) =>
      completedAt !== null && fold(sentTo ?? "") === fold(email) && lastMail !== null,
  );
}

async function findSuperior(tx: Tx, scope: Scope, { reportsTo }: User): Promise<User | undefined> {
  return reportsTo === null ? undefined : (await findUsers(tx, scope, [reportsTo])).get(reportsTo);
}
