import { actingUserId, type Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import { findTextFault } from "#lib/fields.ts";
import { trimUnseen } from "#lib/text.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { VerificationMethod } from "#platform/database/approval-tables.ts";

/** How an administrator made sure of who was asking. */
export interface Verification {
  readonly method: VerificationMethod;
  /** What they did, in their own words; needed where the method alone says nothing. */
  readonly note: string;
  /** The user who did it, where another does what it allowed; else who acts. */
  readonly by?: string | undefined;
}

/** The methods in the order in which they are to be preferred, as people call them. */
export const VERIFICATION_METHODS: Readonly<Record<VerificationMethod, string>> = {
  in_person: "Met in person",
  video_call: "Video call",
  call_back: "Called back on the number on file",
  manager: "Their manager confirmed",
  other: "Another way",
};

const LONGEST_NOTE = 500;

/** @throws validation_failed (on `verification.note`) when it does not say how. */
export function requireVerification({ method, note }: Verification): void {
  const fault = findTextFault("verification.note", note, LONGEST_NOTE);
  if (fault) throw invalidFields([fault]);
  if (method !== "other" || trimUnseen(note)) return;
  const detail = "Say in a few words how you made sure that it is them.";
  throw invalidFields([{ field: "verification.note", code: "missing", detail }]);
}

/** @throws validation_failed (on `verification`) when the instance demands one for links as well. The operator is trusted. */
export function requireVerificationForLink(scope: Scope, verification: Verification | undefined): void {
  if (verification) return requireVerification(verification);
  if (!scope.instance.requiresVerificationForLinks || scope.actor.type === "operator") return;
  const detail = "This instance wants to know how you made sure of who is asking. Say it first.";
  throw invalidFields([{ field: "verification", code: "missing", detail }]);
}

/** The record stands beside the recovery that it allowed, or the user whom it thawed. */
export async function recordVerification(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { recoveryId?: string; userId?: string; verification: Verification },
): Promise<void> {
  await sendAlong(
    tx,
    tx.insertInto("verifications").values({
      instance_id: scope.instance.id,
      id: newId(),
      recovery_id: of.recoveryId ?? null,
      user_id: of.userId ?? null,
      method: of.verification.method,
      note: trimUnseen(of.verification.note),
      verified_by: of.verification.by ?? actingUserId(scope),
      at,
    }),
  );
}
