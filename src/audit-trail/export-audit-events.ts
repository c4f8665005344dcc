import { audited, type AuditEvent, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { csvLine } from "#lib/csv.ts";
import type { PageById } from "#lib/page-by-id.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { requirePermission } from "#users/permissions.ts";
import { actWords } from "./act-words.ts";
import { type AuditQuery, listAuditEvents } from "./list-audit-events.ts";
import { reasonWords } from "./reason-words.ts";

const PAGE_LENGTH = 1_000;

const COLUMNS: readonly (readonly [string, (event: AuditEvent) => string | null])[] = [
  ["Time (UTC)", ({ at }) => at.toISOString()],
  ["What", ({ action }) => actWords(action)],
  ["Act", ({ action }) => action],
  ["Result", ({ result }) => result],
  ["By", (event) => event.actor_name],
  ["By: type", (event) => event.actor_type],
  ["By: id", (event) => event.actor_id],
  ["To", (event) => event.target_name],
  ["To: type", (event) => event.target_type],
  ["To: id", (event) => event.target_id],
  ["Reason", reasonWords],
  ["Reason as kept", ({ reason }) => reason],
  ["Source address", (event) => event.source_address],
  ["Request", (event) => event.request_id],
  ["Detail", ({ detail }) => JSON.stringify(detail)],
];

/**
 * The record as CSV, piece by piece, newest first; taking it away is recorded too.
 * @throws not_permitted, step_up_required before the first piece
 */
export async function exportAuditEvents(
  deps: Deps,
  scope: Scope,
  query: Omit<AuditQuery, "limit" | "before">,
): Promise<AsyncIterable<string>> {
  const { id, name } = scope.instance;
  const act = { action: "audit.export", target: { type: "instance", id, name } } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "audit.read");
    requireFreshSignIn(scope, deps.clock.now());
    await recordAuditEvent(tx, scope, deps.clock.now(), act);
  });
  return lines(deps, scope, query);
}

async function* lines(deps: Deps, scope: Scope, query: Omit<AuditQuery, "limit" | "before">): AsyncIterable<string> {
  // The mark tells spreadsheets that it is UTF-8.
  yield `\uFEFF${csvLine(COLUMNS.map(([heading]) => heading))}`;
  for (let before: string | null | undefined; before !== null; ) {
    const page: PageById<AuditEvent> = await listAuditEvents(deps, scope, { ...query, before, limit: PAGE_LENGTH });
    yield page.items.map((event) => csvLine(COLUMNS.map(([, cell]) => cell(event) ?? ""))).join("");
    before = page.nextCursor;
  }
}
