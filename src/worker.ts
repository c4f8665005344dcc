import { SECOND_MS } from "#lib/clock.ts";
import { traceOf } from "#lib/error-words.ts";
import { APPROVAL_END } from "#approvals/approval.ts";
import { AUDIT_HEAD, mailAuditHead } from "#audit-seals/mail-audit-head.tsx";
import { sealAuditEvents } from "#audit-seals/seal-audit-events.ts";
import { answerInstanceRequest, INSTANCE_REQUEST } from "#instance-requests/request-instances.ts";
import { runJobs } from "#jobs/run-jobs.ts";
import { type Delivery, deliverEmails } from "#mail-delivery/deliver-emails.ts";
import type { Deps } from "#platform/deps.ts";
import { answerRecoveryRequest, RECOVERY_REQUEST } from "#recovery/request-recovery.ts";
import { TICKET_EVENT } from "#recovery/timeline.ts";
import { lookWhetherInTime, TICKET_WAIT } from "#tickets/await-recovery.ts";
import { REPLY_LOST, tellLostReply } from "#tickets/follow-reply.ts";
import { hearOfRecovery } from "#tickets/hear-of-recovery.ts";
import { answerSupportRequest, SUPPORT_REQUEST } from "#tickets/request-support.ts";
import { endUndecided } from "#user-management/decide-approval.ts";
import { sendInvitations, USER_INVITATIONS } from "#user-import/invite-users.ts";

/** How long something that fell due waits at most when nobody woke the worker, as when another process queued it. */
const LOOK_EVERY_MS = SECOND_MS;

/** A mail that somebody waits for is on its way before the others look whether there is something for them. */
const OTHERS_LATER_MS = 20;

/** Does what happens without a request. */
export interface Worker {
  /** Looks now rather than at its next turn. */
  wake(): void;
  /** Finishes what is under way and looks no more. */
  stop(): Promise<void>;
}

/** Does what is due and says how much that was. */
type Task = () => Promise<number>;

/** What waits in the table of jobs, by kind. */
const JOBS = {
  [RECOVERY_REQUEST]: answerRecoveryRequest,
  [TICKET_EVENT]: hearOfRecovery,
  [TICKET_WAIT]: lookWhetherInTime,
  [REPLY_LOST]: tellLostReply,
  [SUPPORT_REQUEST]: answerSupportRequest,
  [INSTANCE_REQUEST]: answerInstanceRequest,
  [USER_INVITATIONS]: sendInvitations,
  [APPROVAL_END]: endUndecided,
  [AUDIT_HEAD]: mailAuditHead,
};

/** Everything that happens without a request, by name, what a person waits for first. Each task is safe on several workers at once and says how much it did. */
function tasks(deps: Deps, delivery: Delivery): readonly Task[] {
  return [
    () => deliverEmails(deps, delivery, "emails"),
    () => runJobs(deps, JOBS),
    () => deliverEmails(deps, delivery, "bulk_emails"),
    () => sealAuditEvents(deps),
  ];
}

/** Works until it is stopped. Each task has its own turns, so that a slow mail server keeps nobody's request waiting. */
export function startWorker(deps: Deps, delivery: Delivery): Worker {
  const loops = tasks(deps, delivery).map((task) => startLoop(deps, task));
  const [first, ...others] = loops;
  let timer: NodeJS.Timeout | undefined;
  return {
    wake: () => {
      first?.wake();
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const loop of others) loop.wake();
      }, OTHERS_LATER_MS);
    },
    stop: async () => {
      clearTimeout(timer);
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

/** Works until nothing is due, for a command that runs without a server. */
export async function workUntilIdle(deps: Deps, delivery: Delivery): Promise<void> {
  let done = 1;
  while (done > 0) {
    done = 0;
    for (const task of tasks(deps, delivery)) done += await attempt(deps, task);
  }
}

function startLoop(deps: Deps, task: Task): Worker {
  let isStopping = false;
  let isWoken = false;
  let endPause = (): void => {};

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const loop = async (): Promise<void> => {
    while (!isStopping) {
      isWoken = false;
      const done = await attempt(deps, task);
      if (done === 0 && !isWoken && !isStopping) await pause();
    }
  };

  const ended = loop();
  return {
    wake: () => {
      isWoken = true;
      endPause();
    },
    stop: async () => {
      isStopping = true;
      endPause();
      await ended;
    },
  };
}

/** A failure, such as a database that is away, is logged, and the next turn comes all the same. */
async function attempt(deps: Deps, task: Task): Promise<number> {
  try {
    return await task();
  } catch (error) {
    deps.log.error("the worker could not do its turn", {
      error: traceOf(error),
    });
    return 0;
  }
}
