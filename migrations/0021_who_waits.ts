import { type Kysely, sql } from "kysely";

/** The dashboard asks who waits for as long as it is open: few among many who are frozen, locked, or have asked, or were not reached. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  "create index users_frozen on users (instance_id, frozen_at) where frozen_at is not null",
  `create index sign_in_failures_locked on sign_in_failures (instance_id, locked_until)
    where locked_until is not null and char_length(account) = 36`,
  "create index tickets_open on tickets (instance_id, id) where status = 'open'",
  `create index emails_not_delivered on emails (instance_id, queued_at)
    where state in ('bounced', 'failed') and recovery_id is not null`,
];
