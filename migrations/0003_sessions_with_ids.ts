import { type Kysely, sql } from "kysely";

/**
 * Sessions get an id by which they can be named and ended; the one in the cookie is a secret and only its digest is kept.
 *
 * A default that differs for each row rewrites the table: some 200 ms for the sessions of 100,000 users, during which requests
 * wait.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table sessions add column id uuid not null default gen_random_uuid()`.execute(db);
  await sql`create unique index sessions_id_unique on sessions (instance_id, id)`.execute(db);
}
