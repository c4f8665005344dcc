import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { readTimelines, type TimelineEvent } from "#recovery/timeline.ts";
import { findAssignees } from "#tickets/find-assignees.ts";
import { type OpenTicket, readTicket } from "#tickets/read-ticket.ts";
import { diagnose, type Diagnosis } from "#user-management/diagnose.ts";
import { getUserDetails, type UserDetails } from "#user-management/get-user-details.ts";
import { findMissingPermission } from "#users/permissions.ts";
import { findUserIds, findUsers, type User } from "#users/user.ts";

/** More than these have to be searched for. */
const MOST_NAMESAKES = 3;

/** Everything that the page of a ticket shows. */
export interface TicketDetails extends OpenTicket {
  readonly timelines: ReadonlyMap<string, readonly TimelineEvent[]>;
  /** With what can be done to them; undefined where the address is nobody's, or the acting person may see no users. */
  readonly requester: (UserDetails & { readonly diagnosis: Diagnosis }) | undefined;
  /** Who may be meant where the address is nobody's: those of that name. */
  readonly namesakes: readonly User[];
  /** Everybody who can be given the ticket, and who has it although they no longer could. */
  readonly assignees: readonly User[];
}

/** @returns the ticket with this number and what belongs to it. @throws not_permitted, not_found */
export async function getTicketDetails(deps: Deps, scope: Scope, number: string): Promise<TicketDetails> {
  const open = await readTicket(deps, scope, { number });
  const { userId, name } = open.ticket.requester;
  const maySee = userId !== null && findMissingPermission(scope, "users.read") === undefined;
  const requester = maySee
    ? { ...(await getUserDetails(deps, scope, userId)), diagnosis: await diagnose(deps, scope, { userId }) }
    : undefined;
  return deps.db.inInstance(scope.instance.id, async (tx) => {
    const assignees = await findAssignees(tx, scope);
    const { assigneeId } = open.ticket;
    const isAmong = assigneeId === null || assignees.some(({ id }) => id === assigneeId);
    const former = isAmong ? [] : [...(await findUsers(tx, scope, [assigneeId])).values()];
    const recoveryIds = open.recoveries.map(({ id }) => id);
    return {
      ...open,
      requester,
      namesakes: userId === null ? await findNamesakes(tx, scope, name) : [],
      assignees: [...assignees, ...former],
      timelines: await readTimelines(tx, scope, recoveryIds),
    };
  });
}

async function findNamesakes(tx: Tx, scope: Scope, name: string): Promise<readonly User[]> {
  if (findMissingPermission(scope, "users.read") !== undefined) return [];
  const ids = await findUserIds(tx, scope, name);
  return ids.length > MOST_NAMESAKES ? [] : [...(await findUsers(tx, scope, ids)).values()];
}
