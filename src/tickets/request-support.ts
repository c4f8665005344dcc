import { recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { queueForStranger, waitForTurn } from "#jobs/queue-for-stranger.ts";
import type { JobHandler } from "#jobs/run-jobs.ts";
import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import { fold, keepable } from "#lib/text.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Deps } from "#platform/deps.ts";
import { networkOf } from "#platform/http/source-address.ts";
import { type Pace, tryTurns } from "#rate-limits/pace.ts";
import { findRequester, recordTicket } from "./open-ticket.ts";
import { requireTicketFields, subjectOf } from "./ticket-fields.ts";

/** Whoever writes this often says the same thing again. */
const ONE_ADDRESS = { atOnce: 5, everyMs: HOUR_MS };
/** A treatment centre is one address: a whole shift may ask for help at once. */
const ONE_SOURCE = { atOnce: 20, everyMs: 2 * MINUTE_MS };
/** A shift that writes at once waits for its turns, the last of them so long. Who wrote often waits no hour: it was said. */
const LONGEST_WAIT_MS = 45 * MINUTE_MS;
/** More in a day than a company has people to answer. */
const ONE_INSTANCE = { atOnce: 100, everyMs: MINUTE_MS };

/** Kind of the job that `requestSupport` queues. */
export const SUPPORT_REQUEST = "support_request";

/**
 * Contact your administrator: the same one job is queued whoever asks, so that neither the answer nor the time it takes tells
 * a stranger whether the address is of an account. Limits show in the record alone, never in the answer.
 * @throws validation_failed (on `name`, `email`, `message`), which depends on nothing but what was written
 */
export async function requestSupport(
  deps: Deps,
  scope: Scope,
  input: { name: string; email: string; message: string },
): Promise<void> {
  const { name, email, message } = input;
  requireTicketFields({ name, email, text: message }, { text: "message" });
  await queueForStranger(deps, scope, { kind: SUPPORT_REQUEST, payload: { name, email, message } });
}

/** What the worker does with such a job: a ticket is open, at once or when its turn comes, unless there were far too many. Always recorded. */
export const answerSupportRequest: JobHandler = async (deps, scope, tx, payload) => {
  const [name, email, message] = [String(payload.name), String(payload.email), String(payload.message)];
  const at = deps.clock.now();
  const refusal = await tryTurns(tx, scope, at, pacesOf(scope, email));
  const waiting = { kind: SUPPORT_REQUEST, payload, refusal, longestWaitMs: LONGEST_WAIT_MS };
  if (await waitForTurn(tx, scope, at, waiting)) return;
  if (refusal) {
    const target = { type: "ticket", id: null, name: keepable(subjectOf(message)) } as const;
    const detail = { requester: keepable(email) };
    await recordAuditEvent(tx, scope, at, {
      action: "ticket.open",
      target,
      result: "refused",
      reason: refusal.code,
      detail,
    });
    return;
  }
  const requester = await findRequester(tx, scope, { name, email });
  await recordTicket(deps, tx, scope, { subject: subjectOf(message), message, requester });
};

function pacesOf(scope: Scope, email: string): readonly Pace[] {
  const source = networkOf(scope.request?.sourceAddress ?? "");
  return [
    { key: `support_requests_from:${source}`, ...ONE_SOURCE },
    { key: `support_requests_of:${digestOf(fold(email)).toString("hex")}`, ...ONE_ADDRESS },
    { key: "support_requests", ...ONE_INSTANCE },
  ];
}
