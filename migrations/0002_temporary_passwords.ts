import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/**
 * Temporary passwords: what kind a credential is, recoveries without a link, the record of how an administrator made sure of
 * who was asking, and how often something was tried lately.
 *
 * Adding columns with constant defaults and dropping `not null` rewrite no table: the locks last milliseconds at 100,000 users.
 * The checks are verified against every row, well under a second at that size.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table instances add column allows_typed_passwords boolean not null default true`,

  `alter table credentials
    add column kind text not null default 'permanent'
      constraint credentials_kind_known check (kind in ('permanent', 'temporary', 'refused')),
    add column is_generated boolean not null default false,
    add column expires_at timestamptz,
    add constraint credentials_temporary_expires check ((kind = 'temporary') = (expires_at is not null))`,

  `alter table recoveries
    alter column nonce drop not null,
    alter column key_id drop not null,
    alter column sent_to drop not null,
    add constraint recoveries_link_is_derivable
      check (method <> 'reset_link' or (nonce is not null and key_id is not null and sent_to is not null))`,

  `create table rate_limits (
    instance_id uuid not null references instances (id),
    key text not null,
    count integer not null,
    ends_at timestamptz not null,
    constraint rate_limits_pkey primary key (instance_id, key)
  )`,
  wall("rate_limits"),
  `grant select, insert, update, delete on rate_limits to rekey_app`,

  `create table verifications (
    instance_id uuid not null,
    id uuid not null,
    recovery_id uuid not null,
    method text not null
      constraint verifications_method_known check (method in ('in_person', 'video_call', 'call_back', 'manager', 'other')),
    note text not null,
    verified_by uuid,
    at timestamptz not null,
    constraint verifications_pkey primary key (instance_id, id),
    constraint verifications_recovery foreign key (instance_id, recovery_id) references recoveries (instance_id, id)
  )`,
  `create index verifications_by_recovery on verifications (instance_id, recovery_id)`,
  wall("verifications"),
  `grant select, insert on verifications to rekey_app`,
];
