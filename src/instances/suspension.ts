import { sql } from "kysely";

import { RekeyError } from "#lib/errors.ts";
import type { InstancesTx, Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/statement-pool.ts";
import type { Scope } from "./scope.ts";

/**
 * Until the transaction ends the instance is not suspended. A suspension ends everything that lets somebody in, and would not
 * see what is being made at the same moment: it waits for who holds this, and who comes later is refused. The operator, who
 * suspends and resumes, is not.
 * @throws instance_suspended
 */
export async function holdActive(tx: Tx, { instance, actor }: Scope): Promise<void> {
  await sendAlong(tx, sql`select pg_advisory_xact_lock_shared(${keyOf(instance.id)})`);
  // A statement of its own: the one that waited for the lock still sees what was there before.
  const now = await tx.selectFrom("instances").select("status").where("id", "=", instance.id).executeTakeFirst();
  if (now?.status === "suspended" && actor.type !== "operator") throw new RekeyError("instance_suspended");
}

/** Until the transaction ends nobody holds the instance active; whoever did has committed. */
export async function waitForActs(tx: InstancesTx, instanceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${keyOf(instanceId)})`.execute(tx);
}

function keyOf(instanceId: string) {
  return sql`hashtextextended(${`suspension of ${instanceId}`}, 0)`;
}
