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

/** @returns to whom each of these users owes account or role of the last day, be it by a key of theirs. */
export async function findMakers(
  tx: Tx,
  scope: Scope,
  at: Date,
  userIds: readonly string[],
): Promise<(userId: string) => ReadonlySet<string>> {
  const { rows } = await sql<{ id: string; maker_id: string }>`
    select target_id as id, coalesce(api_keys.created_by, actor_id) as maker_id from audit_events
    left join api_keys on api_keys.instance_id = audit_events.instance_id and api_keys.id = actor_id
    where audit_events.instance_id = ${scope.instance.id} and target_id = any(${[...userIds]}::uuid[])
      and at > ${after(at, -LATELY_MS)} and result = 'ok' and actor_id is not null
      and (action = 'user.create' or action = 'user.update' and detail ? 'role_to')`.execute(tx);
  const makers = Map.groupBy(rows, ({ id }) => id);
  return (userId) => new Set(makers.get(userId)?.map((row) => row.maker_id));
}
