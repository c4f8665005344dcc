import { type AuditTarget, audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { notify } from "#notifications/notification.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";

/** The key opens nothing any more, from the next request on. @throws not_permitted, not_found */
export async function revokeApiKey(deps: Deps, scope: Scope, input: { id: string }): Promise<void> {
  const act = { action: "api_key.revoke", target: keyTarget(scope, input.id) } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "api_keys.manage");
    const at = deps.clock.now();
    const revoked = isId(input.id)
      ? await tx
          .updateTable("api_keys")
          .set({ revoked_at: at })
          .where("instance_id", "=", scope.instance.id)
          .where("id", "=", input.id)
          .where("revoked_at", "is", null)
          .returning("name")
          .executeTakeFirst()
      : undefined;
    if (!revoked) throw new RekeyError("not_found");
    await recordAuditEvent(tx, scope, at, { ...act, target: await act.target(tx) });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `The key ${revoked.name} no longer works` });
  });
}

function keyTarget(scope: Scope, id: string): (tx: Tx) => Promise<AuditTarget> {
  return async (tx) => {
    const row = isId(id)
      ? await tx
          .selectFrom("api_keys")
          .select("name")
          .where("instance_id", "=", scope.instance.id)
          .where("id", "=", id)
          .executeTakeFirst()
      : undefined;
    return { type: "api_key", id, name: row?.name ?? "" };
  };
}
