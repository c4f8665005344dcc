import { type AuditTarget, audited, recordAuditEvent } from "#audit/audit-event.ts";
import { actingUserId, type Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { findReasonNotToActOn, requirePermission } from "#users/permissions.ts";
import { getUser, type User } from "#users/user.ts";

/**
 * The key opens nothing any more, from the next request on.
 * @throws not_permitted, also for a key of somebody of a higher role; not_found
 */
export async function revokeApiKey(deps: Deps, scope: Scope, input: { id: string }): Promise<void> {
  const act = { action: "api_key.revoke", target: keyTarget(scope, input.id) } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "api_keys.manage");
    await requireMayRevoke(tx, scope, input.id);
    const at = deps.clock.now();
    const revoked = await tx
      .updateTable("api_keys")
      .set({ revoked_at: at })
      .where("instance_id", "=", scope.instance.id)
      .where("id", "=", input.id)
      .where("revoked_at", "is", null)
      .returning("name")
      .executeTakeFirst();
    if (!revoked) throw new RekeyError("not_found");
    await recordAuditEvent(tx, scope, at, { ...act, target: await act.target(tx) });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `The key ${revoked.name} no longer works` });
  });
}

/** @returns why the actor may not revoke what this user made, or undefined: everybody may end a key of their own. */
export function findReasonNotToRevoke(scope: Scope, maker: User): string | undefined {
  return actingUserId(scope) === maker.id ? undefined : findReasonNotToActOn(scope, maker);
}

async function requireMayRevoke(tx: Tx, scope: Scope, id: string): Promise<void> {
  const key = await findKey(tx, scope, id);
  if (!key) throw new RekeyError("not_found");
  const reason = findReasonNotToRevoke(scope, await getUser(tx, scope, key.created_by));
  if (reason) throw new RekeyError("not_permitted", { detail: reason });
}

function keyTarget(scope: Scope, id: string): (tx: Tx) => Promise<AuditTarget> {
  return async (tx) => {
    const key = await findKey(tx, scope, id);
    return { type: "api_key", id, name: key?.name ?? "" };
  };
}

async function findKey(tx: Tx, scope: Scope, id: string) {
  if (!isId(id)) return undefined;
  return tx
    .selectFrom("api_keys")
    .select(["name", "created_by"])
    .where("instance_id", "=", scope.instance.id)
    .where("id", "=", id)
    .executeTakeFirst();
}
