import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import { recordEvent } from "./timeline.ts";

/** A sign-in later than this after the request says nothing about the recovery. */
const FOLLOWED_FOR_MS = 30 * DAY_MS;

/**
 * The loop closes: the first sign-in after a recovery was asked for stands in its timeline. A link that is still open stays
 * so, since the person may have remembered the old password.
 */
export async function recordSignIn(tx: Tx, scope: Scope, at: Date, userId: string): Promise<void> {
  const followed = await tx
    .updateTable("recoveries")
    .set({ signed_in_at: at })
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", userId)
    .where("state", "in", ["open", "completed"])
    .where("signed_in_at", "is", null)
    .where("requested_at", ">", after(at, -FOLLOWED_FOR_MS))
    .returning("id")
    .execute();
  for (const { id } of followed) await recordEvent(tx, scope, id, { event: "signed_in", at });
}
