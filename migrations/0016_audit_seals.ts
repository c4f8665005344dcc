import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/**
 * The record is sealed: events wait in a list of their own until a worker lists them in a seal, which holds the hash of the
 * seal before it. The program may add seals and read them; it can neither change nor take away one.
 *
 * What was recorded before has no mark of the program, and waits as such for the first seals. Listing a million events takes
 * some 5 s, during which nothing else waits: the table is new. Stop the processes of an older version first, since they would
 * record events without a mark.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  for (const table of ["audit_seals", "unsealed_audit_events"]) await sql.raw(wall(table)).execute(db);
  const { rows: instances } = await sql<{ id: string }>`select id from instances`.execute(db);
  for (const { id } of instances) {
    // The wall holds the owner too: it is gone through as the program goes through it.
    await sql`select set_config('role', 'rekey_app', true), set_config('rekey.instance_id', ${id}, true)`.execute(db);
    await sql`insert into unsealed_audit_events (instance_id, event_id, next_attempt_at)
      select instance_id, id, at from audit_events where instance_id = ${id}`.execute(db);
    await sql`select set_config('role', 'none', true), set_config('rekey.instance_id', '', true)`.execute(db);
  }
}

const STATEMENTS = [
  `create table audit_seals (
    instance_id uuid not null references instances (id),
    number integer not null constraint audit_seals_number_counts check (number > 0),
    sealed_at timestamptz not null,
    event_count integer not null,
    event_ids uuid[] not null,
    event_digests bytea not null,
    has_unmarked boolean not null,
    previous_hash bytea not null,
    key_id text not null,
    mac bytea not null,
    hash bytea not null,
    constraint audit_seals_pkey primary key (instance_id, number)
  )`,
  `grant select, insert on audit_seals to rekey_app`,

  `create table unsealed_audit_events (
    instance_id uuid not null references instances (id),
    event_id uuid not null,
    key_id text,
    mac bytea,
    next_attempt_at timestamptz not null,
    constraint unsealed_audit_events_pkey primary key (instance_id, event_id)
  )`,
  // Empty once those are sealed that were recorded before.
  `create index unsealed_audit_events_unmarked on unsealed_audit_events (instance_id, event_id) where mac is null`,
  `grant select, insert, delete, update (next_attempt_at) on unsealed_audit_events to rekey_app`,
  // The worker learns in which instances something waits, and nothing about what.
  `create policy unsealed_audit_events_look on unsealed_audit_events for select to rekey_worker using (true)`,
  `grant select (instance_id, next_attempt_at) on unsealed_audit_events to rekey_worker`,
];
