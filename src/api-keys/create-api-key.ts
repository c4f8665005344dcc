import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { type FieldFault, invalidFields, RekeyError } from "#lib/errors.ts";
import { findLineFault } from "#lib/fields.ts";
import { keepable, trimUnseen } from "#lib/text.ts";
import { notify } from "#notifications/notification.ts";
import { newId } from "#platform/crypto/id.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { findSession } from "#sessions/session.ts";
import { findMissingPermission, requirePermission } from "#users/permissions.ts";
import { type Permission, PERMISSIONS } from "#users/roles.ts";
import { lockUser } from "#users/user.ts";
import { type ApiKey, newKey, toApiKey } from "./api-key.ts";

const LONGEST_NAME = 100;
const LAST_YEAR = 9998;

interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly Permission[];
  readonly expiresAt?: Date | undefined;
  /** Of who makes it. */
  readonly sessionId: string | undefined;
}

/**
 * A program may act in the instance with these permissions. Whatever ends the maker's sessions at the same moment ends the key.
 * @throws sign_in_required, step_up_required, not_permitted (also for a key: none makes another), validation_failed
 * @returns the key's record, and the key itself, which is shown this once.
 */
export async function createApiKey(
  deps: Deps,
  scope: Scope,
  input: NewApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const target = { type: "api_key", id: null, name: keepable(input.name) } as const;
  const act = { action: "api_key.create", target } as const;
  return audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "api_keys.manage");
    if (scope.actor.type !== "user")
      throw new RekeyError("not_permitted", { detail: "A person makes keys, no program." });
    const at = deps.clock.now();
    requireFreshSignIn(scope, at);
    requireValid(scope, at, input);
    await lockUser(tx, scope, scope.actor.id);
    if (!(await findSession(tx, scope, at, input.sessionId ?? ""))) throw new RekeyError("sign_in_required");
    const key = newKey();
    const row = await tx
      .insertInto("api_keys")
      .values({
        instance_id: scope.instance.id,
        id: newId(),
        name: trimUnseen(input.name),
        key_digest: digestOf(key),
        scopes: JSON.stringify([...new Set(input.scopes)]),
        created_by: scope.actor.id,
        created_at: at,
        expires_at: input.expiresAt ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const detail = { scopes: row.scopes, expires_at: row.expires_at?.toISOString() ?? null };
    await recordAuditEvent(tx, scope, at, { ...act, target: { ...target, id: row.id, name: row.name }, detail });
    await notify(tx, scope, at, { kind: "success", title: "Success", text: `The key ${row.name} was made` });
    return { apiKey: toApiKey(row), key };
  });
}

function requireValid(scope: Scope, at: Date, { name, scopes, expiresAt }: NewApiKey): void {
  const faults: FieldFault[] = [];
  const fault = findLineFault("name", name, LONGEST_NAME);
  if (fault) faults.push(fault);
  if (!trimUnseen(name)) faults.push({ field: "name", code: "missing", detail: "Say what the key is for." });
  if (scopes.length === 0)
    faults.push({ field: "scopes", code: "missing", detail: "Choose at least one thing that it may do." });
  const beyond = scopes.filter((permission) => findMissingPermission(scope, permission) !== undefined);
  if (beyond.length > 0) {
    const words = beyond.map((permission) => `“${PERMISSIONS[permission]}”`).join(", ");
    faults.push({ field: "scopes", code: "not_yours", detail: `You may not do this yourself: ${words}.` });
  }
  if (expiresAt && !(expiresAt > at && expiresAt.getUTCFullYear() <= LAST_YEAR))
    faults.push({
      field: "expires_at",
      code: "unusable",
      detail: "Choose a day that is still to come, before the year 9999.",
    });
  if (faults.length > 0) throw invalidFields(faults);
}
