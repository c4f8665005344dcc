import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { Detail } from "#platform/database/column-types.ts";

interface NewEmail {
  readonly kind: string;
  /** Null where it goes to somebody without an account. */
  readonly userId: string | null;
  readonly recoveryId?: string;
  readonly to: string;
  /** One of many that are queued at once; it waits while single ones are due. */
  readonly isBulk?: boolean;
  /** Facts that the mail will tell, as they were at this moment. Never a secret. */
  readonly data?: Detail;
}

/**
 * A mail waits in the outbox from the moment this transaction commits. Its Message-ID is fixed now, so that a retry after a
 * lost answer can only repeat the same mail (RFC 5322, section 3.6.4). Wake the worker after the commit.
 */
export async function queueEmail(tx: Tx, scope: Scope, at: Date, email: NewEmail): Promise<void> {
  const id = newId();
  await sendAlong(
    tx,
    tx.insertInto("emails").values({
      instance_id: scope.instance.id,
      id,
      kind: email.kind,
      user_id: email.userId,
      recovery_id: email.recoveryId ?? null,
      to_address: email.to,
      message_id: `<${id}@${new URL(scope.instance.origin).hostname}>`,
      data: JSON.stringify(email.data ?? {}),
      is_bulk: email.isBulk ?? false,
      next_attempt_at: at,
      queued_at: at,
    }),
  );
}
