import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/**
 * Lockout: failed sign-ins are counted for each account, and apart for each browser that has signed in to it before.
 *
 * The table of instances has one row for each: the lock lasts milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  for (const table of ["sign_in_failures", "known_browsers"]) await sql.raw(wall(table)).execute(db);
}

const STATEMENTS = [
  `alter table instances
    add column lockout_failures integer not null default 10
      constraint instances_lockout_failures_within check (lockout_failures between 3 and 100),
    add column lockout_minutes integer not null default 60
      constraint instances_lockout_minutes_within check (lockout_minutes between 5 and 1440)`,

  // Of an account that does not exist, too, and without a foreign key: checking one would take a time that tells which do.
  `create table sign_in_failures (
    instance_id uuid not null references instances (id),
    account text not null,
    browser text not null,
    failures integer not null,
    locked_until timestamptz,
    ends_at timestamptz not null,
    constraint sign_in_failures_pkey primary key (instance_id, account, browser)
  )`,
  `create index sign_in_failures_ended on sign_in_failures (instance_id, ends_at)`,
  `grant select, insert, update, delete on sign_in_failures to rekey_app`,

  `create table known_browsers (
    instance_id uuid not null references instances (id),
    user_id uuid not null,
    id_digest bytea not null,
    user_agent text,
    source_address text not null,
    last_used_at timestamptz not null,
    constraint known_browsers_pkey primary key (instance_id, user_id, id_digest),
    constraint known_browsers_user foreign key (instance_id, user_id) references users (instance_id, id)
  )`,
  `grant select, insert, update, delete on known_browsers to rekey_app`,
];
