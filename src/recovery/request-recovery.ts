import { recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { HOUR_MS } from "#lib/clock.ts";
import { keepable } from "#lib/text.ts";
import { queueJob } from "#jobs/queue-job.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { findUserByIdentifier } from "#users/user.ts";
import { issueResetLink } from "./issue-reset-link.ts";

/** Strangers can fill nobody's inbox: more mails than this an hour are not sent to one user at the asking of people not signed in. */
const SELF_SERVICE_MAILS_PER_HOUR = 5;

/** How long the worker is left asleep at least, and the same again by chance. */
const FIRST_PAUSE_MS = 100;

/** Kind of the job that `requestRecovery` queues. */
export const RECOVERY_REQUEST = "recovery_request";

/**
 * Forgot password: the same one job is queued whoever is asked for, so that neither the answer nor the time it takes tells a
 * stranger whether an account exists (OWASP Forgot Password Cheat Sheet, "Forgot Password Request").
 */
export async function requestRecovery(deps: Deps, scope: Scope, input: { identifier: string }): Promise<void> {
  await deps.db.inInstance(scope.instance.id, (tx) =>
    queueJob(tx, scope, deps.clock.now(), {
      kind: RECOVERY_REQUEST,
      payload: {
        identifier: keepable(input.identifier),
        requestId: scope.request?.id ?? "",
        sourceAddress: scope.request?.sourceAddress ?? "",
      },
    }),
  );
  // Only when the answer is long gone: where worker and server share a thread, its work would be heard in the answer.
  setTimeout(deps.wakeWorker, FIRST_PAUSE_MS + Math.random() * FIRST_PAUSE_MS);
}

/** What the worker does with such a job: the user, if there is one who may have a link, is mailed theirs. Always recorded. */
export const answerRecoveryRequest: JobHandler = async (deps, scope, tx, payload) => {
  const identifier = String(payload.identifier);
  const at = deps.clock.now();
  const user = await findUserByIdentifier(tx, scope, identifier);
  const target = { type: "user", id: user?.id ?? null, name: user?.name ?? identifier } as const;
  const refusal = user ? await tryIssue(deps, tx, scope, user.id) : "unknown_user";
  await recordAuditEvent(tx, scope, at, {
    action: "recovery.request",
    target,
    ...(refusal ? { result: "refused", reason: refusal } : {}),
  });
};

/** @returns the code of the refusal, or undefined when a link is on its way. */
async function tryIssue(deps: Deps, tx: Tx, scope: Scope, userId: string): Promise<string | undefined> {
  if (await isOverQuota(deps, tx, scope, userId)) return "too_many_requests";
  try {
    await issueResetLink(deps, tx, scope, { userId, origin: "self_service", by: "mail" });
    return undefined;
  } catch (error) {
    // Whoever asked while the instance was suspended is not surprised by a mail when it is resumed.
    if (error instanceof RekeyError && (error.status < 500 || error.code === "instance_suspended")) return error.code;
    throw error;
  }
}

async function isOverQuota(deps: Deps, tx: Tx, scope: Scope, userId: string): Promise<boolean> {
  const since = new Date(deps.clock.now().getTime() - HOUR_MS);
  const mails = await tx
    .selectFrom("emails")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId)
    .where("kind", "=", "reset_link")
    .where("queued_at", ">", since)
    .where((email) => email(email.ref("data", "->>").key("actor_type"), "=", "stranger"))
    .limit(SELF_SERVICE_MAILS_PER_HOUR)
    .execute();
  return mails.length >= SELF_SERVICE_MAILS_PER_HOUR;
}
