import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Detail } from "#platform/database/tables.ts";

/** Work waits from the moment this transaction commits. It names things by id or as a person typed them; never a secret. */
export async function queueJob(tx: Tx, scope: Scope, at: Date, job: { kind: string; payload: Detail }): Promise<void> {
  await tx
    .insertInto("jobs")
    .values({
      instance_id: scope.instance.id,
      id: newId(),
      kind: job.kind,
      payload: JSON.stringify(job.payload),
      next_attempt_at: at,
      created_at: at,
    })
    .execute();
}
