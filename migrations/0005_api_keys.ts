import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/** API keys, of which only a digest is kept, and the answers to requests that came with an Idempotency-Key. New tables: nothing waits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table api_keys (
    instance_id uuid not null references instances (id),
    id uuid not null,
    name text not null,
    key_digest bytea not null,
    scopes jsonb not null,
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint api_keys_pkey primary key (instance_id, id),
    constraint api_keys_digest_unique unique (instance_id, key_digest),
    constraint api_keys_user foreign key (instance_id, created_by) references users (instance_id, id)
  )`,
  wall("api_keys"),
  `grant select, insert, update on api_keys to rekey_app`,

  `create table idempotency_keys (
    instance_id uuid not null references instances (id),
    actor_id uuid not null,
    key text not null,
    request_digest bytea not null,
    status integer,
    answer jsonb,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (instance_id, actor_id, key),
    constraint idempotency_keys_answer_whole check ((status is null) = (answer is null))
  )`,
  `create index idempotency_keys_by_age on idempotency_keys (instance_id, created_at)`,
  wall("idempotency_keys"),
  `grant select, insert, update, delete on idempotency_keys to rekey_app`,
];
