import { type RawBuilder, sql } from "kysely";

import type { Attempt } from "#mail-delivery/email.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { DeliveryReport } from "#platform/mail/delivery-report.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";
import { renewedEnd } from "./issue-reset-link.ts";
import { recordEvent } from "./timeline.ts";

const EVENTS = { accepted: "accepted", deferred: "deferred", unreachable: "deferred", refused: "failed" } as const;

/** Acceptance starts the link's life, or renews it; it never shortens what an earlier mail promised. */
export function followHandover({ instance, email, at }: Attempt, handover: Handover): readonly RawBuilder<unknown>[] {
  const { outcome, server, answer } = handover;
  const recovery = { instanceId: instance.id, id: String(email.recovery_id) };
  const detail = JSON.stringify({ server, answer });
  const event = sql`insert into recovery_events (instance_id, id, recovery_id, event, at, detail)
    select ${recovery.instanceId}::uuid, ${newId()}::uuid, ${recovery.id}::uuid, ${EVENTS[outcome]},
      ${at}::timestamptz, ${detail}::jsonb from settled`;
  const end = renewedEnd(at);
  const life = sql`update recoveries set expires_at = ${end}
    where instance_id = ${recovery.instanceId} and id = ${recovery.id} and (expires_at is null or expires_at < ${end})
      and exists (select from settled)`;
  return outcome === "accepted" ? [event, life] : [event];
}

/** A report comes after acceptance: the link lives on, but nobody has it unless an earlier mail arrived. */
export async function followReport(tx: Tx, { instance, email, at }: Attempt, report: DeliveryReport): Promise<void> {
  const event = report.outcome === "failed" ? "bounced" : "deferred";
  const detail = { server: report.server, answer: report.answer };
  await recordEvent(tx, { instance }, String(email.recovery_id), { event, at, detail });
}
