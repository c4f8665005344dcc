import { type Kysely, sql } from "kysely";

/**
 * Whom a user reports to: another user of the same instance. An import names people who stand further down in its file, so the
 * reference is held at the end of the transaction.
 *
 * The new column is empty, so that nothing is rewritten and nothing found wrong: reading 100,000 users for the two constraints
 * takes some 50 ms, during which requests wait.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table users
    add column reports_to uuid,
    add constraint users_reports_to_another check (reports_to <> id),
    add constraint users_reports_to_user foreign key (instance_id, reports_to) references users (instance_id, id)
      deferrable initially deferred`.execute(db);
}
