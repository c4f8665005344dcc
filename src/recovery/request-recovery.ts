import { recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { queueForStranger, waitForTurn } from "#jobs/queue-for-stranger.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import { MINUTE_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { keepable } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { findUserByIdentifier, lockUser } from "#users/user.ts";
import { issueResetLink } from "./issue-reset-link.ts";

/** Whoever waits for a turn waits no longer than this: a mail that comes later is of no use to who stands before the sign-in page. */
const LONGEST_WAIT_MS = 15 * MINUTE_MS;

/** Kind of the job that `requestRecovery` queues. */
export const RECOVERY_REQUEST = "recovery_request";

/**
 * Forgot password: the same one job is queued whoever is asked for, so that neither the answer nor the time it takes tells a
 * stranger whether an account exists (OWASP Forgot Password Cheat Sheet, "Forgot Password Request"). Limits show in the mails
 * alone, never in the answer.
 */
export async function requestRecovery(deps: Deps, scope: Scope, input: { identifier: string }): Promise<void> {
  const payload = { identifier: keepable(input.identifier) };
  await queueForStranger(deps, scope, { kind: RECOVERY_REQUEST, payload });
}

/** What the worker does with such a job: the user, if there is one who may have a link, is mailed theirs. Always recorded. */
export const answerRecoveryRequest: JobHandler = async (deps, scope, tx, payload) => {
  const identifier = String(payload.identifier);
  const at = deps.clock.now();
  const user = await findUserByIdentifier(tx, scope, identifier);
  const refusal = user && (await tryIssue(deps, tx, scope, user.id));
  const waiting = { kind: RECOVERY_REQUEST, payload, refusal, longestWaitMs: LONGEST_WAIT_MS };
  if (await waitForTurn(tx, scope, at, waiting)) return;
  const reason = user ? refusal?.code : "unknown_user";
  await recordAuditEvent(tx, scope, at, {
    action: "recovery.request",
    target: { type: "user", id: user?.id ?? null, name: user?.name ?? identifier },
    ...(reason ? { result: "refused", reason } : {}),
  });
};

/** @returns the refusal, or undefined when a link is on its way. */
async function tryIssue(deps: Deps, tx: Tx, scope: Scope, userId: string): Promise<RekeyError | undefined> {
  try {
    const user = await lockUser(tx, scope, userId);
    await issueResetLink(deps, tx, scope, { user, origin: "self_service", by: "mail" });
    return undefined;
  } catch (error) {
    // Whoever asked while the instance was suspended is not surprised by a mail when it is resumed.
    if (error instanceof RekeyError && (error.status < 500 || error.code === "instance_suspended")) return error;
    throw error;
  }
}
