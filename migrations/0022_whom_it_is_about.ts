import { type Kysely, sql } from "kysely";

/** Some notifications have words of their own that name nobody; days later, in the tray, it matters whom they were about. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table notifications add column about text").execute(db);
}
