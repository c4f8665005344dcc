import { type Kysely, sql } from "kysely";

/** Few are frozen, and the dashboard asks who for as long as it is open. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("create index users_frozen on users (instance_id, frozen_at) where frozen_at is not null").execute(db);
}
