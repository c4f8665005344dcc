import { type Kysely, sql } from "kysely";

/** What pages and limits look up often, in tables that only grow. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Nothing could use it: the list is sorted by what an empty time counts as.
  `drop index users_by_last_sign_in`,
  `create index users_by_last_sign_in on users (instance_id, (coalesce(last_sign_in_at, '-infinity')), id)`,
  `create index sessions_by_activity on sessions (instance_id, user_id, last_active_at)`,
  `create index emails_taken on emails (instance_id, settled_at desc) where state in ('accepted', 'bounced')`,
  `create index emails_by_kind on emails (instance_id, kind, queued_at desc)`,
  `create index audit_events_copied_links on audit_events (instance_id, at desc) where action = 'recovery.copy_link'`,
];
