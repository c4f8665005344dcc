import { z } from "@hono/zod-openapi";

import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { endOf, type Recovery, stateOf } from "./recovery.ts";
import { readTimelines, type TimelineEvent } from "./timeline.ts";

const detailSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string()).readonly()]),
);

/** A recovery as lists of users show it; never its nonce, key or link. */
export const recoverySummarySchema = z
  .object({
    id: z.uuid(),
    user_id: z.uuid(),
    method: z.enum(["reset_link", "temporary_password"]),
    origin: z.enum(["admin", "self_service", "invitation", "bulk", "operator"]),
    state: z.enum(["queued", "sent", "bounced", "failed", "completed", "expired", "revoked"]),
    sent_to: z.string().nullable(),
    requested_by: z.uuid().nullable(),
    requested_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    completed_at: z.iso.datetime().nullable(),
    ticket_id: z.uuid().nullable(),
  })
  .openapi("RecoverySummary");

/** A recovery with everything that happened to it. */
export const recoverySchema = recoverySummarySchema
  .extend({ timeline: z.array(z.object({ event: z.string(), at: z.iso.datetime(), detail: detailSchema })) })
  .openapi("Recovery");

/** @returns the API's shape of a recovery. `expires_at` is null until a mail server accepted the link. */
export function toRecoverySummary(recovery: Recovery, now: Date): z.infer<typeof recoverySummarySchema> {
  return {
    id: recovery.id,
    user_id: recovery.userId,
    method: recovery.method,
    origin: recovery.origin,
    state: stateOf(recovery, now),
    sent_to: recovery.sentTo,
    requested_by: recovery.requestedBy,
    requested_at: recovery.requestedAt.toISOString(),
    expires_at: recovery.expiresAt && endOf(recovery).toISOString(),
    completed_at: recovery.completedAt?.toISOString() ?? null,
    ticket_id: recovery.ticketId,
  };
}

/** @returns the API's shape of a recovery with its timeline, oldest event first. */
export async function viewRecovery(
  deps: Deps,
  scope: Scope,
  recovery: Recovery,
): Promise<z.infer<typeof recoverySchema>> {
  const [first] = await viewRecoveries(deps, scope, [recovery]);
  if (!first) throw new Error("A recovery has one view");
  return first;
}

/** The same for several, in the same order. */
export async function viewRecoveries(
  deps: Deps,
  scope: Scope,
  recoveries: readonly Recovery[],
): Promise<z.infer<typeof recoverySchema>[]> {
  const now = deps.clock.now();
  const timelines = await deps.db.inInstance(scope.instance.id, (tx) =>
    readTimelines(
      tx,
      scope,
      recoveries.map(({ id }) => id),
    ),
  );
  return recoveries.map((recovery) => toRecoveryView(recovery, timelines.get(recovery.id) ?? [], now));
}

function toRecoveryView(
  recovery: Recovery,
  timeline: readonly TimelineEvent[],
  now: Date,
): z.infer<typeof recoverySchema> {
  return {
    ...toRecoverySummary(recovery, now),
    timeline: timeline.map(({ event, at, detail }) => ({ event, at: at.toISOString(), detail: { ...detail } })),
  };
}
