import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { Detail } from "#platform/database/column-types.ts";
import { networkOf } from "#platform/http/source-address.ts";

interface NewJob {
  readonly kind: string;
  /** Names things by id or as a person typed them; never a secret. */
  readonly payload: Detail;
  /** Due at once, if left out. */
  readonly notBefore?: Date;
}

/** Work waits from the moment this transaction commits, for its turn among what else its source asked for. */
export async function queueJob(tx: Tx, scope: Scope, at: Date, job: NewJob): Promise<void> {
  await sendAlong(
    tx,
    tx.insertInto("jobs").values({
      instance_id: scope.instance.id,
      id: newId(),
      kind: job.kind,
      payload: JSON.stringify(job.payload),
      source: networkOf(scope.request?.sourceAddress ?? ""),
      next_attempt_at: job.notBefore ?? at,
      created_at: at,
    }),
  );
}
