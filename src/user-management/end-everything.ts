import { refuseEveryApproval } from "#approvals/approval.ts";
import { revokeEveryKey } from "#api-keys/api-key.ts";
import { recordAuditEvent, recordingRefusals } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { waitForActs } from "#instances/suspension.ts";
import { invalidFields } from "#lib/errors.ts";
import { findTextFault } from "#lib/fields.ts";
import { keepable, trimUnseen } from "#lib/text.ts";
import type { Deps } from "#platform/deps.ts";
import { revokeEveryRecovery } from "#recovery/revoke-open-recoveries.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { endEverySession } from "#sessions/session.ts";
import { requirePermission } from "#users/permissions.ts";

const LONGEST_REASON = 500;

/** What was ended. */
export interface Ended {
  readonly sessions: number;
  readonly recoveries: number;
  readonly keys: number;
}

/**
 * In an emergency: every session of the instance is over, whose own included, and no link, temporary password or API key of it
 * works any more, and no approval waits. Passwords stay: who knows theirs signs in again. What is made at the same moment is waited for, and ended.
 * @throws not_permitted, step_up_required, validation_failed (on `reason`)
 */
export async function endEverything(deps: Deps, scope: Scope, input: { reason: string }): Promise<Ended> {
  const { id, name } = scope.instance;
  const reason = keepable(trimUnseen(input.reason));
  const act = { action: "instance.end_everything", target: { type: "instance", id, name }, reason } as const;
  return recordingRefusals(deps, scope, act, async () => {
    requirePermission(scope, "settings.edit");
    requireFreshSignIn(scope, deps.clock.now());
    requireReason(input.reason);
    return deps.db.onInstances(async (tx, enter) => {
      await waitForActs(tx, id);
      const inside = await enter(id);
      const at = deps.clock.now();
      const ended = {
        sessions: await endEverySession(inside, scope, at),
        recoveries: await revokeEveryRecovery(inside, scope, at, "everything_ended"),
        keys: await revokeEveryKey(inside, scope, at),
      };
      await refuseEveryApproval(inside, scope, at);
      await recordAuditEvent(inside, scope, at, { ...act, detail: { ...ended } });
      return ended;
    });
  });
}

function requireReason(reason: string): void {
  const fault = findTextFault("reason", reason, LONGEST_REASON);
  if (fault) throw invalidFields([fault]);
  if (trimUnseen(reason)) return;
  throw invalidFields([{ field: "reason", code: "missing", detail: "Say why, for whoever reads the record." }]);
}
