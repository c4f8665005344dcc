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

/** Who could have agreed, and until when one waits who saw to it that they cannot. */
export interface Sidelined {
  readonly userId: string;
  readonly until: Date;
}

/** @returns who had one of these roles until who asks, or their own hand, changed role or account within the last day; the last of them first. */
export async function findSidelined(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { roles: readonly Role[]; askerId: string },
): Promise<readonly Sidelined[]> {
  const { rows } = await sql<{ user_id: string; hand_id: string; at: Date }>`
    with acts as (${actsLately(scope, at)})
    select target_id as user_id, hand_id, at from acts
    join users on users.instance_id = ${scope.instance.id} and users.id = target_id
    where action = 'user.deactivate' and role = any(${[...of.roles]}::text[])
      or action = 'user.update' and detail ->> 'role_from' = any(${[...of.roles]}::text[])
    order by at desc`.execute(tx);
  const { areOneHand } = await findDebts(tx, scope, at, [of.askerId, ...rows.map((row) => row.hand_id)]);
  return rows
    .filter((row) => areOneHand(row.hand_id, of.askerId))
    .map((row) => ({ userId: row.user_id, until: after(row.at, LATELY_MS) }));
}

/** Who owes account or role of the last day to whom, over as many steps as there are, be it by a key of theirs. */
export interface Debts {
  readonly owes: (userId: string, to: string) => boolean;
  /** One owes theirs to the other, or both to the same. */
  readonly areOneHand: (one: string, other: string) => boolean;
}

/** @returns the debts of these users. */
export async function findDebts(tx: Tx, scope: Scope, at: Date, userIds: readonly string[]): Promise<Debts> {
  const { rows } = await sql<{ id: string; maker_id: string }>`
    with recursive acts as (${actsLately(scope, at)}), made (id, maker_id) as (
      select target_id, hand_id from acts where action = 'user.create' or action = 'user.update' and detail ? 'role_to'
    ), debts (id, maker_id) as (
      select id, maker_id from made where id = any(${[...userIds]}::uuid[])
      union
      select debts.id, made.maker_id from debts join made on made.id = debts.maker_id
    )
    select id, maker_id from debts`.execute(tx);
  const makers = Map.groupBy(rows, ({ id }) => id);
  const handsOf = (userId: string): ReadonlySet<string> =>
    new Set([userId, ...(makers.get(userId)?.map((row) => row.maker_id) ?? [])]);
  return {
    owes: (userId, to) => userId !== to && handsOf(userId).has(to),
    areOneHand: (one, other) => !handsOf(one).isDisjointFrom(handsOf(other)),
  };
}

/** What was done to whom within the last day, and by whose hand: an API key is the hand of who made it. */
function actsLately(scope: Scope, at: Date) {
  return sql`
    select target_id, coalesce(api_keys.created_by, actor_id) as hand_id, action, detail, at from audit_events
    left join api_keys on api_keys.instance_id = audit_events.instance_id and api_keys.id = actor_id
    where audit_events.instance_id = ${scope.instance.id} and at > ${after(at, -LATELY_MS)}
      and result = 'ok' and actor_id is not null and target_id is not null`;
}
