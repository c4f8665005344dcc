import { sql } from "kysely";

import { recordAuditEvent } from "#audit/audit-event.ts";
import { insertInstance, type NewInstance } from "#instances/insert-instance.ts";
import { type Instance, toInstance } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { invalidFields } from "#lib/errors.ts";
import { findLineFault } from "#lib/fields.ts";
import { trimUnseen } from "#lib/text.ts";
import type { Enter, InstancesTx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { LONGEST_NAME } from "#settings/settings.ts";
import { addUser, type NewUser } from "#user-management/create-user.ts";
import type { User } from "#users/user.ts";

interface Founding extends NewInstance {
  readonly owner: Omit<NewUser, "role" | "invite">;
}

interface Founded {
  readonly instance: Instance;
  readonly owner: User;
}

/**
 * A new instance answers at its origin and has its Owner: both and their record, or nothing.
 * @throws origin_taken, validation_failed
 */
export function createInstance(deps: Deps, input: Founding): Promise<Founded> {
  return deps.db.onInstances((tx, enter) => found(deps, tx, enter, input));
}

/**
 * The database has an instance. Of two programs that start on an empty one at once, the second finds what the first made.
 * @returns the oldest instance, and its Owner if this call made them.
 */
export function createFirstInstance(
  deps: Deps,
  input: Founding,
): Promise<{ instance: Instance; owner: User | undefined }> {
  return deps.db.onInstances(async (tx, enter) => {
    await sql`lock table instances in share row exclusive mode`.execute(tx);
    const oldest = await tx.selectFrom("instances").selectAll().orderBy("id").executeTakeFirst();
    return oldest ? { instance: toInstance(oldest), owner: undefined } : found(deps, tx, enter, input);
  });
}

function requireName(name: string): void {
  const fault = findLineFault("name", name, LONGEST_NAME);
  if (fault) throw invalidFields([fault]);
  if (name === "") throw invalidFields([{ field: "name", code: "missing", detail: "An instance needs a name." }]);
}

async function found(deps: Deps, tx: InstancesTx, enter: Enter, given: Founding): Promise<Founded> {
  const at = deps.clock.now();
  const input = { ...given, name: trimUnseen(given.name) };
  requireName(input.name);
  const instance = await insertInstance(tx, at, input);
  const scope: Scope = { instance, actor: OPERATOR, request: undefined };
  const inside = await enter(instance.id);
  const target = { type: "instance", id: instance.id, name: instance.name } as const;
  await recordAuditEvent(inside, scope, at, { action: "instance.create", target });
  return { instance, owner: await addUser(deps, inside, scope, { ...input.owner, role: "owner", invite: false }) };
}
