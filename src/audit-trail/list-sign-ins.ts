import type { Scope } from "#instances/scope.ts";
import type { Tx } from "#platform/database/database.ts";

/** One attempt of a user to sign in. */
export interface SignIn {
  readonly at: Date;
  readonly result: "ok" | "refused";
  /** Why it was refused, such as `wrong_password`; null when it was not. */
  readonly reason: string | null;
  readonly sourceAddress: string | null;
}

const HISTORY_LENGTH = 20;

/** @returns the last attempts of the user to sign in, newest first. */
export async function listSignIns(tx: Tx, scope: Scope, userId: string): Promise<readonly SignIn[]> {
  const rows = await tx
    .selectFrom("audit_events")
    .select(["at", "result", "reason", "source_address"])
    .where("instance_id", "=", scope.instance.id)
    .where("target_id", "=", userId)
    .where("action", "in", ["session.create", "session.refuse"])
    .orderBy("id", "desc")
    .limit(HISTORY_LENGTH)
    .execute();
  return rows.map(({ at, result, reason, source_address: sourceAddress }) => ({ at, result, reason, sourceAddress }));
}
