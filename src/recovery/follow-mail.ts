import { type RawBuilder, sql } from "kysely";

import type { Attempt } from "#mail-delivery/email.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { DeliveryReport } from "#platform/mail/delivery-report.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";
import { renewedEnd } from "./issue-reset-link.ts";
import { recordEvent, TICKET_EVENT } from "./timeline.ts";

const EVENTS = { accepted: "accepted", deferred: "deferred", unreachable: "deferred", refused: "failed" } as const;

/**
 * Acceptance starts the link's life, or renews it; it never shortens what an earlier mail promised. The ticket in which it was
 * sent hears of it, and of a refusal.
 */
export function followHandover({ instance, email, at }: Attempt, handover: Handover): readonly RawBuilder<unknown>[] {
  const { outcome, server, answer } = handover;
  const recovery = { instanceId: instance.id, id: String(email.recovery_id) };
  const detail = JSON.stringify({ server, answer });
  const eventId = newId();
  const event = sql`insert into recovery_events (instance_id, id, recovery_id, event, at, detail)
    select ${recovery.instanceId}::uuid, ${eventId}::uuid, ${recovery.id}::uuid, ${EVENTS[outcome]},
      ${at}::timestamptz, ${detail}::jsonb from settled`;
  const end = renewedEnd(at);
  // Reads the row as it is when nobody else holds it: whoever joins it to a ticket at this moment is not overlooked.
  const life = sql`update recoveries set expires_at = ${outcome === "accepted" ? sql`greatest(expires_at, ${end})` : sql`expires_at`}
    where instance_id = ${recovery.instanceId} and id = ${recovery.id} and exists (select from settled)
    returning instance_id, ticket_id`;
  const job = sql`insert into jobs (instance_id, id, kind, payload, next_attempt_at, created_at)
    select instance_id, ${newId()}::uuid, ${TICKET_EVENT}, jsonb_build_object('event_id', ${eventId}::text),
      ${at}::timestamptz, ${at}::timestamptz from following_0 where ticket_id is not null`;
  return outcome === "accepted" || outcome === "refused" ? [life, event, job] : [event];
}

/** A report comes after acceptance: the link lives on, but nobody has it unless an earlier mail arrived. */
export async function followReport(tx: Tx, { instance, email, at }: Attempt, report: DeliveryReport): Promise<void> {
  const event = report.outcome === "failed" ? "bounced" : "deferred";
  const detail = { server: report.server, answer: report.answer };
  await recordEvent(tx, { instance }, String(email.recovery_id), { event, at, detail });
}
