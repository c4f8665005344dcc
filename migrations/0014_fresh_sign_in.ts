import { type Kysely, sql } from "kysely";

/**
 * When the person of a session last confirmed with their password that it is them; null when they have not since they signed in.
 *
 * A nullable column needs no rewrite: the lock lasts milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table sessions add column confirmed_at timestamptz`.execute(db);
}
