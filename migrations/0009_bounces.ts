import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/**
 * What becomes of a mail after a server took it: a bounce, and the addresses to which nothing is sent any more. A single
 * click comes before mails to many.
 *
 * The new columns have constant defaults and need no rewrite; the index on waiting mails is as small as the queue.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  await sql.raw(wall("suppressed_addresses")).execute(db);
}

const STATEMENTS = [
  `alter table emails
    add column is_bulk boolean not null default false,
    add column deferrals integer not null default 0,
    add column bounced_at timestamptz,
    drop constraint emails_state_known,
    add constraint emails_state_known check (state in ('queued', 'accepted', 'bounced', 'failed', 'dropped')),
    add constraint emails_bounced_has_time check (state <> 'bounced' or bounced_at is not null)`,
  `drop index emails_due`,
  // The worker's claim looks across instances, so the time comes before them here.
  `create index emails_due on emails (is_bulk, next_attempt_at) where state = 'queued'`,
  `create index emails_waiting on emails (instance_id, queued_at) where state = 'queued'`,
  `create index emails_bounced on emails (instance_id, bounced_at desc) where bounced_at is not null`,
  `grant select (is_bulk) on emails to rekey_worker`,

  `create table suppressed_addresses (
    instance_id uuid not null references instances (id),
    id uuid not null,
    address text not null,
    address_key text not null,
    server text not null,
    answer text not null,
    suppressed_at timestamptz not null,
    constraint suppressed_addresses_pkey primary key (instance_id, id),
    constraint suppressed_addresses_address_unique unique (instance_id, address_key)
  )`,
  `grant select, insert, delete on suppressed_addresses to rekey_app`,
];
