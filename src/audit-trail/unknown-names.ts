import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";

/** However many names strangers guess, no more of the record than this is looked at, newest first. */
const MOST_LOOKED_AT = 2_000;

/** @returns a query of the sign-ins that failed since then because nobody has the name, `target_name`, that was typed. */
export function unknownNames(tx: Tx, scope: Scope, since: Date) {
  // What was done to nobody stands together in the index of the record by target, whose order it takes to be read from its end.
  const toNobody = tx
    .selectFrom("audit_events")
    .select(["at", "action", "reason", "target_name"])
    .where("instance_id", "=", scope.instance.id)
    .where("target_id", "is", null)
    .orderBy("target_id")
    .orderBy("id", "desc")
    .limit(MOST_LOOKED_AT)
    .as("refusal");
  return tx
    .selectFrom(toNobody)
    .where("action", "=", "session.refuse")
    .where("reason", "=", "unknown_user")
    .where("at", ">", since);
}
