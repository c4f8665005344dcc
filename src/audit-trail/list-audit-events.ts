import { sql } from "kysely";

import type { AuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { type PageById, pageById } from "#lib/page-by-id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";
import { findUserIds } from "#users/user.ts";

export interface AuditQuery {
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  /** Part of the name, address or user name of who acted or was acted upon. */
  readonly person?: string | undefined;
  readonly actions?: readonly string[] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** The id of the last event of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** @returns one page of what was recorded in the instance, newest first. `actor` and `target` are ids. @throws not_permitted */
export async function listAuditEvents(deps: Deps, scope: Scope, query: AuditQuery): Promise<PageById<AuditEvent>> {
  requirePermission(scope, "audit.read");
  const found = await deps.db.inInstance(scope.instance.id, async (tx) => {
    let events = tx.selectFrom("audit_events").selectAll().where("instance_id", "=", scope.instance.id);
    if (query.actor !== undefined) events = events.where("actor_id", "=", query.actor);
    if (query.target !== undefined) events = events.where("target_id", "=", query.target);
    if (query.person !== undefined) {
      const ids = await findUserIds(tx, scope, query.person);
      const { person } = query;
      events = events.where((event) =>
        event.or([
          event("target_name", "=", person), // Nobody has an account by a user name that was only tried.
          // Nor have the operator, Rekey itself, and who was not signed in.
          event.and([event("actor_id", "is", null), event(sql`lower(actor_name)`, "=", person.toLowerCase())]),
          ...(ids.length > 0 ? [event("actor_id", "in", ids), event("target_id", "in", ids)] : []),
          ...(ids.length > 0 ? [event("actor_id", "in", keysOf(tx, scope, ids))] : []),
        ]),
      );
    }
    if (query.actions !== undefined) events = events.where("action", "in", query.actions);
    if (query.from !== undefined) events = events.where("at", ">=", query.from);
    if (query.to !== undefined) events = events.where("at", "<", query.to);
    if (query.before !== undefined) events = events.where("id", "<", query.before);
    return events
      .orderBy("id", "desc")
      .limit(query.limit + 1)
      .execute();
  });
  return pageById(found, query.limit);
}

/** What a key did, its maker did. */
function keysOf(tx: Tx, scope: Scope, userIds: readonly string[]) {
  return tx
    .selectFrom("api_keys")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("created_by", "in", userIds);
}
