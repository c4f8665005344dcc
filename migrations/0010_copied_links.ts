import { type Kysely, sql } from "kysely";

/**
 * Whether an administrator may copy a reset link to hand it over, instead of having it mailed.
 *
 * The table has one row for each instance: the lock lasts milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table instances add column allows_copied_links boolean not null default false`.execute(db);
}
