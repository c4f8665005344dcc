import { type AuditTarget, audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { type PageById, pageById } from "#lib/page-by-id.ts";
import { RekeyError } from "#lib/errors.ts";
import type { SuppressedAddress } from "#mail-delivery/suppressed-address.ts";
import { notify } from "#notifications/notification.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";

/** @returns one page of the addresses to which nothing is sent, newest first, from after the one with the id `before` on. @throws not_permitted */
export async function listSuppressedAddresses(
  deps: Deps,
  scope: Scope,
  of: { limit: number; before?: string | undefined },
): Promise<PageById<SuppressedAddress>> {
  requirePermission(scope, "users.read");
  const found = await deps.db.inInstance(scope.instance.id, (tx) => {
    let addresses = tx.selectFrom("suppressed_addresses").selectAll().where("instance_id", "=", scope.instance.id);
    if (of.before !== undefined) addresses = addresses.where("id", "<", of.before);
    return addresses
      .orderBy("id", "desc")
      .limit(of.limit + 1)
      .execute();
  });
  return pageById(found, of.limit);
}

/** Mails go to the address again, until it bounces again. @throws not_permitted, not_found */
export async function releaseAddress(deps: Deps, scope: Scope, input: { id: string }): Promise<void> {
  const { id } = input;
  const act = { action: "address.release", target: (tx: Tx) => findTarget(tx, scope, id) } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "users.edit");
    const released = await tx
      .deleteFrom("suppressed_addresses")
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", isId(id) ? id : null)
      .returning("address")
      .executeTakeFirst();
    if (!released) throw new RekeyError("not_found");
    const target = { type: "address", id, name: released.address } as const;
    const at = deps.clock.now();
    await recordAuditEvent(tx, scope, at, { ...act, target });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `Mails go to ${target.name} again` });
  });
}

/** @returns the address as the target of an act, without a name where none has this id. */
async function findTarget(tx: Tx, scope: Scope, id: string): Promise<AuditTarget> {
  const row = isId(id)
    ? await tx
        .selectFrom("suppressed_addresses")
        .select("address")
        .where("instance_id", "=", scope.instance.id)
        .where("id", "=", id)
        .executeTakeFirst()
    : undefined;
  return { type: "address", id, name: row?.address ?? "" };
}
