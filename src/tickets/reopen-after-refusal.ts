import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import { PRODUCT } from "./ticket-message.ts";

/**
 * A sign-in was refused: where the user has set a new password and the ticket waits for them, it is open again and says so.
 * One statement, the same for every refusal and for nobody's account, so that it tells a stranger nothing.
 */
export async function reopenAfterRefusal(tx: Tx, scope: Scope, at: Date, userId: string): Promise<void> {
  const { id: instanceId } = scope.instance;
  const statement = sql`
    with reopened as (
      update tickets set status = 'open', updated_at = greatest(updated_at, ${at}::timestamptz)
      where instance_id = ${instanceId} and status = 'waiting_for_user' and id = (
        select ticket_id from recoveries
        where instance_id = ${instanceId} and user_id = ${userId} and ticket_id is not null
          and state = 'completed' and signed_in_at is null
        order by id desc limit 1)
      returning instance_id, id)
    insert into ticket_messages (instance_id, id, ticket_id, kind, author_type, author_name, at)
    select instance_id, ${newId()}::uuid, id, 'sign_in_refused', ${PRODUCT.type}, ${PRODUCT.name}, ${at}::timestamptz
    from reopened
    returning ${changeOf(instanceId)}`;
  await sendAlong(tx, statement);
}
