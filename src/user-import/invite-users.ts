import { type Actor, OPERATOR, type Scope } from "#instances/scope.ts";
import { queueJob } from "#jobs/queue-job.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { issueResetLink } from "#recovery/issue-reset-link.ts";
import { findUsers, lockUser } from "#users/user.ts";

/** Kind of the jobs that `queueInvitations` queues. */
export const USER_INVITATIONS = "user_invitations";

/** So many in one transaction, half a second on the embedded database, so that others get their turn. */
const USERS_A_JOB = 50;

/** Each of these users will be invited by the acting person, from the moment this transaction commits. Wake the worker then. */
export async function queueInvitations(tx: Tx, scope: Scope, at: Date, userIds: readonly string[]): Promise<void> {
  const requestId = scope.request?.id ?? "";
  const sourceAddress = scope.request?.sourceAddress ?? "";
  for (let done = 0; done < userIds.length; done += USERS_A_JOB) {
    const ids = userIds.slice(done, done + USERS_A_JOB);
    const payload = { user_ids: ids, invited_by: scope.actor.id, requestId, sourceAddress };
    await queueJob(tx, scope, at, { kind: USER_INVITATIONS, payload });
  }
}

/** What the worker does with such a job: who can still be helped by an invitation has one in the outbox. */
export const sendInvitations: JobHandler = async (deps, scope, tx, payload) => {
  const actor = await findInviter(tx, scope, payload.invited_by);
  const users = await findUsers(tx, scope, Array.isArray(payload.user_ids) ? payload.user_ids.map(String) : []);
  for (const user of users.values()) {
    if (user.status === "inactive" || user.role === "no_access") continue;
    await invite(deps, tx, { ...scope, actor }, user.id);
  }
};

/** Who is known to be out of reach is left for their profile to tell. */
async function invite(deps: Deps, tx: Tx, scope: Scope, userId: string): Promise<void> {
  try {
    const user = await lockUser(tx, scope, userId);
    await issueResetLink(deps, tx, scope, { user, origin: "invitation", by: "mail", isBulk: true });
  } catch (error) {
    if (!(error instanceof RekeyError) || error.code !== "address_suppressed") throw error;
  }
}

/** No session acts here. */
const NEVER = new Date(0);

async function findInviter(tx: Tx, scope: Scope, id: unknown): Promise<Actor> {
  const user = typeof id === "string" ? (await findUsers(tx, scope, [id])).get(id) : undefined;
  return user ? { type: "user", id: user.id, name: user.name, role: user.role, freshUntil: NEVER } : OPERATOR;
}
