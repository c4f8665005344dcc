import { type Kysely, sql } from "kysely";

/** The record is looked through by who acted, too. Building the index stops writes for some 300 ms at a million events. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_events_by_actor on audit_events (instance_id, actor_id, id desc)`.execute(db);
}
