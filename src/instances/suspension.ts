import { sql } from "kysely";

import { RekeyError } from "#lib/errors.ts";
import type { InstancesTx, Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import type { Scope } from "./scope.ts";

/**
 * Until the transaction ends the instance stays as it is, suspended or not. A suspension ends everything that lets somebody in,
 * and would not see what is being made at the same moment: it waits for who holds this. Ask `requireActive` afterwards, in a
 * statement of its own: the one that waited for the lock still sees what was there before.
 */
export async function holdInstance(tx: Tx, { instance }: Scope): Promise<void> {
  await sendAlong(tx, sql`select pg_advisory_xact_lock_shared(${keyOf(instance.id)})`);
}

/** @throws instance_suspended, for the operator too: what lets somebody in would outlive the suspension otherwise. */
export async function requireActive(tx: Tx, { instance, actor }: Scope): Promise<void> {
  const now = await tx.selectFrom("instances").select("status").where("id", "=", instance.id).executeTakeFirst();
  if (now?.status !== "suspended") return;
  if (actor.type !== "operator") throw new RekeyError("instance_suspended");
  const detail = `Resume it first: npm run rekey -- instance resume --instance ${instance.origin}`;
  throw new RekeyError("instance_suspended", { detail });
}

/** Until the transaction ends nobody holds the instance; whoever did has committed. */
export async function waitForActs(tx: InstancesTx, instanceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${keyOf(instanceId)})`.execute(tx);
}

function keyOf(instanceId: string) {
  return sql`hashtextextended(${`suspension of ${instanceId}`}, 0)`;
}
