import { type Kysely, sql } from "kysely";

/**
 * Whom one administrator helped within the last hour is counted at each help.
 *
 * The index is built under a lock that lets nobody write meanwhile: a second for a million recoveries.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index recoveries_by_requester on recoveries (instance_id, requested_by, requested_at)
    where requested_by is not null`.execute(db);
}
