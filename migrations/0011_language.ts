import { type Kysely, sql } from "kysely";

/**
 * In which language an instance writes to people who have set none of their own.
 *
 * The table has one row for each instance: the lock lasts milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table instances add column language text not null default 'en'
    constraint instances_language_known check (language in ('en', 'es'))`.execute(db);
}
