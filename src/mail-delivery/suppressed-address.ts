import type { Selectable } from "kysely";

import { recordAuditEvent } from "#audit/audit-event.ts";
import type { Instance } from "#instances/instance.ts";
import { asSystem } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { InstanceTables } from "#platform/database/tables.ts";
import { refusalWords } from "./smtp-answer.ts";

/** An address that bounced for good: nothing is sent there until somebody takes it off the list. */
export type SuppressedAddress = Selectable<InstanceTables["suppressed_addresses"]>;

/** @returns why nothing is sent to the address, or undefined when mails go there. */
export async function findSuppression(
  tx: Tx,
  instance: Instance,
  address: string,
): Promise<SuppressedAddress | undefined> {
  return (await findSuppressions(tx, instance, [address])).get(fold(address));
}

/** @returns those of these addresses to which nothing is sent, each under its fold. */
export async function findSuppressions(
  tx: Tx,
  instance: Instance,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, SuppressedAddress>> {
  if (addresses.length === 0) return new Map();
  const rows = await tx
    .selectFrom("suppressed_addresses")
    .selectAll()
    .where("instance_id", "=", instance.id)
    .where("address_key", "in", addresses.map(fold))
    .execute();
  return new Map(rows.map((row) => [row.address_key, row]));
}

/** @returns why nothing is sent to the address and what to do, in plain words. */
export function suppressionWords({ address, answer }: SuppressedAddress): string {
  const { what } = refusalWords(answer);
  return `A mail to ${address} came back: ${what} Correct the address, or take it off the list under Settings > Mail if it works again.`;
}

/** Nothing is sent to the address from now on. Repeats safely; the first reason stays. */
export async function suppressAddress(
  tx: Tx,
  instance: Instance,
  at: Date,
  because: { address: string; server: string; answer: string },
): Promise<void> {
  const { address, server, answer } = because;
  const id = newId();
  const { numInsertedOrUpdatedRows: inserted } = await tx
    .insertInto("suppressed_addresses")
    .values({
      instance_id: instance.id,
      id,
      address,
      address_key: fold(address),
      server,
      answer,
      suppressed_at: at,
    })
    .onConflict((conflict) => conflict.columns(["instance_id", "address_key"]).doNothing())
    .executeTakeFirst();
  if (inserted === 0n) return;
  const target = { type: "address", id, name: address } as const;
  await recordAuditEvent(tx, asSystem(instance), at, {
    action: "address.suppress",
    target,
    reason: answer,
    detail: { server },
  });
}
