import type { AuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import type { Deps } from "#platform/deps.ts";
import { requirePermission } from "#users/permissions.ts";

interface AuditQuery {
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly action?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** The id of the last event of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** @returns what was recorded in the instance, newest first. `actor` and `target` are ids. @throws not_permitted */
export async function listAuditEvents(deps: Deps, scope: Scope, query: AuditQuery): Promise<readonly AuditEvent[]> {
  requirePermission(scope, "audit.read");
  return deps.db.inInstance(scope.instance.id, (tx) => {
    let events = tx.selectFrom("audit_events").selectAll().where("instance_id", "=", scope.instance.id);
    if (query.actor !== undefined) events = events.where("actor_id", "=", query.actor);
    if (query.target !== undefined) events = events.where("target_id", "=", query.target);
    if (query.action !== undefined) events = events.where("action", "=", query.action);
    if (query.from !== undefined) events = events.where("at", ">=", query.from);
    if (query.to !== undefined) events = events.where("at", "<", query.to);
    if (query.before !== undefined) events = events.where("id", "<", query.before);
    return events.orderBy("id", "desc").limit(query.limit).execute();
  });
}
