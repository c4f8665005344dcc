import { SECOND_MS } from "#lib/clock.ts";
import { runJobs } from "#jobs/run-jobs.ts";
import { type Delivery, deliverEmails } from "#mail-delivery/deliver-emails.ts";
import type { Deps } from "#platform/deps.ts";
import { answerRecoveryRequest, RECOVERY_REQUEST } from "#recovery/request-recovery.ts";

/** How long something that fell due waits at most when nobody woke the worker, as when another process queued it. */
const LOOK_EVERY_MS = SECOND_MS;

/** Does what happens without a request. */
export interface Worker {
  /** Looks now rather than at its next turn. */
  wake(): void;
  /** Finishes what is under way and looks no more. */
  stop(): Promise<void>;
}

/** Everything that happens without a request, by name. Each task is safe on several workers at once and says how much it did. */
function tasks(deps: Deps, delivery: Delivery): readonly (() => Promise<number>)[] {
  return [() => runJobs(deps, { [RECOVERY_REQUEST]: answerRecoveryRequest }), () => deliverEmails(deps, delivery)];
}

/** Works until it is stopped. */
export function startWorker(deps: Deps, delivery: Delivery): Worker {
  let isStopping = false;
  let endPause = (): void => {};
  let isWoken = false;

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
      const done = await workOnce(deps, delivery);
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

/** Works until nothing is due, for a command that runs without a server. */
export async function workUntilIdle(deps: Deps, delivery: Delivery): Promise<void> {
  while ((await workOnce(deps, delivery)) > 0);
}

/** One task's failure, such as a database that is away, does not keep the others from their turn. */
async function workOnce(deps: Deps, delivery: Delivery): Promise<number> {
  const counts = await Promise.all(
    tasks(deps, delivery).map((task) =>
      task().catch((error: unknown) => {
        deps.log.error("the worker could not do its turn", {
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
        return 0;
      }),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
