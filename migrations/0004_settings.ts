import { type Kysely, sql } from "kysely";

/**
 * Where answers to an instance's mails go, and whether a link needs a verification record as a temporary password does.
 *
 * The table has one row for each instance: the lock lasts milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table instances
    add column reply_to text,
    add column requires_verification_for_links boolean not null default false`.execute(db);
}
