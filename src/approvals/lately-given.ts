import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Role } from "#platform/database/tables.ts";

/** What one administrator did by themselves a moment ago must not be what makes the second one unnecessary. */
const LATELY_MS = DAY_MS;

/** @returns whether the user had one of these roles within the last day, whatever theirs is now. */
export async function hadRoleLately(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { userId: string; roles: readonly Role[] },
): Promise<boolean> {
  const { rows } = await sql`
    select from audit_events
    where instance_id = ${scope.instance.id} and target_id = ${of.userId} and at > ${after(at, -LATELY_MS)}
      and action = 'user.update' and result = 'ok' and detail ->> 'role_from' = any(${[...of.roles]}::text[])
    limit 1`.execute(tx);
  return rows.length > 0;
}

/** @returns of these users, which owe account or role of the last day to this one, be it by a key of theirs. */
export async function findMadeBy(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { makerId: string; userIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct target_id as id from audit_events
    where instance_id = ${scope.instance.id} and target_id = any(${[...of.userIds]}::uuid[]) and at > ${after(at, -LATELY_MS)}
      and result = 'ok' and (action = 'user.create' or action = 'user.update' and detail ? 'role_to')
      and (actor_id = ${of.makerId} or actor_id in (
        select id from api_keys where instance_id = ${scope.instance.id} and created_by = ${of.makerId}))`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}
