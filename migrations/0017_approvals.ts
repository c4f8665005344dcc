import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/**
 * What waits for a second administrator, and how long a changed address waits before a way in is sent there.
 *
 * A nullable column needs no rewrite: the lock lasts milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  await sql.raw(wall("approvals")).execute(db);
}

const STATEMENTS = [
  "alter table users add column address_held_until timestamptz",
  `create table approvals (
    instance_id uuid not null references instances (id),
    id uuid not null,
    act text not null,
    user_id uuid not null,
    input jsonb not null,
    state text not null default 'waiting'
      constraint approvals_state_known check (state in ('waiting', 'approved', 'refused', 'failed')),
    requested_by uuid not null,
    requested_at timestamptz not null,
    expires_at timestamptz not null,
    decided_by uuid,
    decided_at timestamptz,
    constraint approvals_pkey primary key (instance_id, id),
    constraint approvals_user foreign key (instance_id, user_id) references users (instance_id, id),
    constraint approvals_requested_by foreign key (instance_id, requested_by) references users (instance_id, id),
    constraint approvals_decided_by foreign key (instance_id, decided_by) references users (instance_id, id),
    constraint approvals_by_another check (decided_by is null or state = 'refused' or decided_by not in (requested_by, user_id))
  )`,
  // The same thing asked for twice waits once.
  `create unique index approvals_waiting on approvals (instance_id, act, user_id, requested_by) where state = 'waiting'`,
  `grant select, insert, update on approvals to rekey_app`,
];
