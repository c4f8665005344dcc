import { setTimeout as pause } from "node:timers/promises";

import { SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { MailCounts, MailOutcome } from "#mail-delivery/mail-counts.ts";
import { timeOfId } from "#platform/crypto/id.ts";
import type { Waiting } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { expose, type Family } from "./exposition.ts";
import type { RequestTimes } from "./request-times.ts";

/** Prometheus gives up after ten seconds, and would hear nothing at all then. */
const PATIENCE_MS = 2 * SECOND_MS;

/** What this process knows of itself. */
export interface ProcessFigures {
  readonly requests: RequestTimes;
  readonly mails: MailCounts;
  readonly readProcess: () => readonly Family[];
}

/** What a queue of mails is called outside. */
const MAIL_QUEUES = { emails: "single", bulk_emails: "bulk" } as const;

const OUTCOMES: readonly MailOutcome[] = ["accepted", "deferred", "refused", "unreachable", "bounced"];

/**
 * @returns how the program fares, as Prometheus reads it: what waits in the database, of all instances together, and what this
 *   process has done. Nobody is named. Without the database it is told that this is away, and the rest.
 */
export async function readMetrics(deps: Deps, { requests, mails, readProcess }: ProcessFigures): Promise<string> {
  const now = deps.clock.now();
  const counted = deps.db.countWaiting(now).catch(unlessAway);
  const waiting = await Promise.race([counted, pause(PATIENCE_MS, undefined, { ref: false })]);
  return expose([
    {
      name: "rekey_database_up",
      type: "gauge",
      help: "Whether the database answers in time.",
      samples: [{ value: waiting ? 1 : 0 }],
    },
    ...(waiting ? queueFamilies(waiting, now) : []),
    {
      name: "rekey_mails_total",
      type: "counter",
      help: "What this process has heard of mails: of each attempt to hand one over, and of bounces later.",
      samples: OUTCOMES.map((outcome) => ({ labels: { outcome }, value: mails.of(outcome) })),
    },
    requests.read(),
    ...readProcess(),
  ]);
}

function unlessAway(error: unknown): undefined {
  if (error instanceof RekeyError && error.code === "unavailable") return undefined;
  throw error;
}

function queueFamilies(waiting: readonly Waiting[], now: Date): readonly Family[] {
  const byMailQueue = (valueOf: (waiting: Waiting) => number): Family["samples"] =>
    waiting.flatMap((each) =>
      each.queue === "jobs" ? [] : [{ labels: { queue: MAIL_QUEUES[each.queue] }, value: valueOf(each) }],
    );
  return [
    {
      name: "rekey_mails_waiting",
      type: "gauge",
      help: "Mails that no mail server has taken yet.",
      samples: byMailQueue(({ count }) => count),
    },
    {
      name: "rekey_oldest_mail_age_seconds",
      type: "gauge",
      help: "For how long the one waits that has waited longest, 0 where none does.",
      samples: byMailQueue(({ oldestId }) => (oldestId === null ? 0 : ageSeconds(oldestId, now))),
    },
    {
      name: "rekey_jobs_due",
      type: "gauge",
      help: "Jobs that nobody has begun though it is time.",
      samples: waiting.filter(({ queue }) => queue === "jobs").map(({ dueCount }) => ({ value: dueCount })),
    },
  ];
}

/** A worker may not see when a mail was queued, but its id says so. */
function ageSeconds(id: string, now: Date): number {
  return Math.max(0, now.getTime() - timeOfId(id).getTime()) / 1_000;
}
