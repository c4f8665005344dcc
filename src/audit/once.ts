import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";

/** What may be done once is remembered for longer than anybody could still send it again. */
const REMEMBERED_MS = DAY_MS;

/**
 * What comes with a key that lets it be done once is done here, in this transaction: it stays or goes with the act itself.
 * Repeats safely within one request.
 * @throws already_done when it was done before; whatever this transaction did is undone then.
 */
export async function claimOnce(tx: Tx, { instance, once }: Scope, at: Date): Promise<void> {
  if (!once || once.isClaimed) return;
  const claimed = await tx
    .insertInto("done_once")
    .values({ instance_id: instance.id, key: once.key, done_at: at })
    .onConflict((conflict) => conflict.columns(["instance_id", "key"]).doNothing())
    .executeTakeFirst();
  if (claimed.numInsertedOrUpdatedRows === 0n) throw new RekeyError("already_done");
  once.isClaimed = true;
  const old = tx
    .deleteFrom("done_once")
    .where("instance_id", "=", instance.id)
    .where("done_at", "<", after(at, -REMEMBERED_MS));
  await sendAlong(tx, old);
}

/** What was refused may be asked for again under the same key, though asking for it left a trace, as of an approval. */
export async function forgetClaim(tx: Tx, { instance, once }: Scope): Promise<void> {
  if (!once?.isClaimed) return;
  await tx.deleteFrom("done_once").where("instance_id", "=", instance.id).where("key", "=", once.key).execute();
}
