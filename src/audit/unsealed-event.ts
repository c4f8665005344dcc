import type { Scope } from "#instances/scope.ts";
import { after, SECOND_MS } from "#lib/clock.ts";
import { type Keyring, sameMac } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";

/** Events of these many seconds share a seal, so that a busy hour is not sealed one by one. */
export const GATHER_MS = 5 * SECOND_MS;

const PURPOSE = "audit event";

/** An event that was just recorded. */
interface Recorded {
  readonly id: string;
  readonly digest: Buffer;
}

/**
 * The events wait to be sealed from the moment this transaction commits, each with the mark of the program: whoever can write
 * to the database but has no key cannot have a seal put on an event of their own making, or on one that they changed.
 */
export async function awaitSeal(tx: Tx, scope: Scope, at: Date, recorded: readonly Recorded[]): Promise<void> {
  const keyId = tx.keyring.currentKeyId;
  await sendAlong(
    tx,
    tx.insertInto("unsealed_audit_events").values(
      recorded.map(({ id, digest }) => ({
        instance_id: scope.instance.id,
        event_id: id,
        key_id: keyId,
        mac: tx.keyring.sign(keyId, PURPOSE, [digest]) ?? null,
        next_attempt_at: after(at, GATHER_MS),
      })),
    ),
  );
}

/** The mark of an event that waits, and what the event is now; its digest is null when there is no such event any more. */
interface Marked {
  readonly keyId: string | null;
  readonly mac: Buffer | null;
  readonly digest: Buffer | null;
}

/** `unmarked`: recorded before there were marks, or so it is said. `unknown_key`: nobody here can tell. */
export type Mark = "fits" | "does_not_fit" | "unmarked" | "unknown_key";

/** @returns whether the event is the one that the program recorded. */
export function judgeMark(keyring: Keyring, { keyId, mac, digest }: Marked): Mark {
  if (digest === null) return "does_not_fit";
  if (keyId === null || mac === null) return "unmarked";
  const expected = keyring.sign(keyId, PURPOSE, [digest]);
  if (!expected) return "unknown_key";
  return sameMac(expected, mac) ? "fits" : "does_not_fit";
}
