import { type Kysely, sql } from "kysely";

/**
 * Instances, their users with credentials and sessions, recoveries with their timeline, the outbox, and the record.
 *
 * Every table but `instances` stands behind the wall: row-level security, forced, so that the role `rekey_app` sees and
 * writes only rows of the instance named in `rekey.instance_id`. The role `rekey_worker` is the one door across instances:
 * it may claim due mails and jobs and read nothing else of them.
 *
 * Runs on an empty database; it locks nothing that anybody waits for.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of TABLES) await sql.raw(statement).execute(db);
  for (const [table, grants] of Object.entries(WALLED_TABLES)) {
    await sql.raw(wall(table)).execute(db);
    await sql.raw(`grant ${grants} on ${table} to rekey_app`).execute(db);
  }
  for (const statement of DOORS) await sql.raw(statement).execute(db);
}

/** What the program's role may do with each table. Nothing may change or delete what is recorded. */
const WALLED_TABLES = {
  users: "select, insert, update",
  credentials: "select, insert, update",
  sessions: "select, insert, update",
  recoveries: "select, insert, update",
  recovery_events: "select, insert",
  emails: "select, insert, update",
  jobs: "select, insert, update, delete",
  notifications: "select, insert, update",
  audit_events: "select, insert",
};

const wall = (table: string): string => `
  alter table ${table} enable row level security;
  alter table ${table} force row level security;
  create policy ${table}_wall on ${table} to rekey_app
    using (instance_id = nullif(current_setting('rekey.instance_id', true), '')::uuid)
    with check (instance_id = nullif(current_setting('rekey.instance_id', true), '')::uuid)`;

const DOORS = [
  `grant usage on schema public to rekey_app, rekey_worker`,
  `grant select on instances to rekey_app`,
  `create policy emails_claim on emails to rekey_worker using (true)`,
  `grant select (instance_id, id, state, next_attempt_at, attempts), update (next_attempt_at, attempts) on emails to rekey_worker`,
  `create policy jobs_claim on jobs to rekey_worker using (true)`,
  `grant select (instance_id, id, next_attempt_at, attempts), update (next_attempt_at, attempts) on jobs to rekey_worker`,
];

const TABLES = [
  `create table instances (
    id uuid constraint instances_pkey primary key,
    name text not null,
    origin text not null constraint instances_origin_unique unique,
    host text not null constraint instances_host_unique unique,
    origin_follows_port boolean not null default false,
    status text not null default 'active' constraint instances_status_known check (status in ('active', 'suspended')),
    accent_hue integer not null constraint instances_accent_hue_degrees check (accent_hue between 0 and 359),
    mail_from text,
    time_zone text not null default 'UTC',
    link_lifetime_minutes integer not null default 60
      constraint instances_link_lifetime_limits check (link_lifetime_minutes between 10 and 1440),
    invitation_lifetime_minutes integer not null default 4320
      constraint instances_invitation_lifetime_limits check (invitation_lifetime_minutes between 60 and 10080),
    session_idle_minutes integer not null default 30
      constraint instances_session_idle_limits check (session_idle_minutes between 5 and 30),
    session_absolute_minutes integer not null default 720
      constraint instances_session_absolute_limits check (session_absolute_minutes between 30 and 720),
    open_crm_url text,
    created_at timestamptz not null
  )`,

  `create table users (
    instance_id uuid not null references instances (id),
    id uuid not null,
    email text not null,
    email_key text not null,
    username text not null constraint users_username_is_no_address check (position('@' in username) = 0),
    username_key text not null,
    first_name text not null,
    last_name text not null,
    name_key text not null,
    search_text text not null,
    role text not null constraint users_role_known check (role in ('owner', 'admin', 'support', 'member', 'no_access')),
    status text not null default 'active' constraint users_status_known check (status in ('active', 'inactive')),
    title text,
    department text,
    phone text,
    mobile text,
    locale text,
    time_zone text,
    created_at timestamptz not null,
    last_sign_in_at timestamptz,
    constraint users_pkey primary key (instance_id, id),
    constraint users_email_unique unique (instance_id, email_key),
    constraint users_username_unique unique (instance_id, username_key)
  )`,
  `create index users_by_name on users (instance_id, name_key collate "C", id)`,
  `create index users_by_last_sign_in on users (instance_id, last_sign_in_at, id)`,

  `create table credentials (
    instance_id uuid not null,
    user_id uuid not null,
    password_hash text not null,
    set_at timestamptz not null,
    constraint credentials_pkey primary key (instance_id, user_id),
    constraint credentials_user foreign key (instance_id, user_id) references users (instance_id, id)
  )`,

  `create table sessions (
    instance_id uuid not null,
    id_digest bytea not null,
    user_id uuid not null,
    created_at timestamptz not null,
    last_active_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    source_address text not null,
    user_agent text,
    constraint sessions_pkey primary key (instance_id, id_digest),
    constraint sessions_user foreign key (instance_id, user_id) references users (instance_id, id)
  )`,
  `create index sessions_by_user on sessions (instance_id, user_id) where ended_at is null`,

  `create table recoveries (
    instance_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    method text not null constraint recoveries_method_known check (method in ('reset_link', 'temporary_password')),
    origin text not null
      constraint recoveries_origin_known check (origin in ('admin', 'self_service', 'invitation', 'bulk', 'operator')),
    state text not null default 'open'
      constraint recoveries_state_known check (state in ('open', 'completed', 'revoked', 'expired')),
    nonce bytea not null,
    key_id text not null,
    sent_to text not null,
    requested_by uuid,
    requested_by_name text not null,
    requested_at timestamptz not null,
    lifetime_ms integer not null,
    expires_at timestamptz,
    cap_at timestamptz not null,
    completed_at timestamptz,
    signed_in_at timestamptz,
    ended_because text,
    constraint recoveries_pkey primary key (instance_id, id),
    constraint recoveries_user foreign key (instance_id, user_id) references users (instance_id, id),
    constraint recoveries_completed_has_time check ((state = 'completed') = (completed_at is not null))
  )`,
  `create unique index recoveries_one_open_link on recoveries (instance_id, user_id) where state = 'open' and method = 'reset_link'`,
  `create index recoveries_by_user on recoveries (instance_id, user_id, requested_at desc)`,

  `create table recovery_events (
    instance_id uuid not null,
    id uuid not null,
    recovery_id uuid not null,
    event text not null constraint recovery_events_event_known check (event in ('requested', 'queued', 'accepted', 'deferred',
      'bounced', 'opened', 'completed', 'signed_in', 'expired', 'revoked', 'failed', 'confirmed')),
    at timestamptz not null,
    detail jsonb not null default '{}',
    constraint recovery_events_pkey primary key (instance_id, id),
    constraint recovery_events_recovery foreign key (instance_id, recovery_id) references recoveries (instance_id, id)
  )`,
  `create index recovery_events_by_recovery on recovery_events (instance_id, recovery_id, id)`,

  `create table emails (
    instance_id uuid not null references instances (id),
    id uuid not null,
    kind text not null,
    user_id uuid not null,
    recovery_id uuid,
    to_address text not null,
    message_id text not null,
    data jsonb not null default '{}',
    state text not null default 'queued' constraint emails_state_known check (state in ('queued', 'accepted', 'failed', 'dropped')),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    queued_at timestamptz not null,
    settled_at timestamptz,
    server text,
    answer text,
    constraint emails_pkey primary key (instance_id, id),
    constraint emails_recovery foreign key (instance_id, recovery_id) references recoveries (instance_id, id)
  )`,
  `create index emails_by_recovery on emails (instance_id, recovery_id, queued_at)`,
  `create index emails_by_time on emails (instance_id, queued_at desc)`,
  // The worker's claim looks across instances, so the time comes first here.
  `create index emails_due on emails (next_attempt_at) where state = 'queued'`,

  `create table jobs (
    instance_id uuid not null references instances (id),
    id uuid not null,
    kind text not null,
    payload jsonb not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    created_at timestamptz not null,
    constraint jobs_pkey primary key (instance_id, id)
  )`,
  `create index jobs_due on jobs (next_attempt_at)`,

  `create table notifications (
    instance_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    kind text not null constraint notifications_kind_known check (kind in ('success', 'warning', 'error', 'info')),
    title text not null,
    text text not null,
    created_at timestamptz not null,
    shown_at timestamptz,
    constraint notifications_pkey primary key (instance_id, id),
    constraint notifications_user foreign key (instance_id, user_id) references users (instance_id, id)
  )`,
  `create index notifications_by_user on notifications (instance_id, user_id, id desc)`,

  `create table audit_events (
    instance_id uuid not null references instances (id),
    id uuid not null,
    at timestamptz not null,
    action text not null,
    actor_type text not null
      constraint audit_events_actor_known check (actor_type in ('user', 'api_key', 'operator', 'system', 'stranger')),
    actor_id uuid,
    actor_name text not null,
    target_type text not null,
    target_id uuid,
    target_name text not null,
    source_address text,
    reason text,
    ticket_id uuid,
    result text not null constraint audit_events_result_known check (result in ('ok', 'refused')),
    request_id text,
    detail jsonb not null default '{}',
    constraint audit_events_pkey primary key (instance_id, id)
  )`,
  `create index audit_events_by_target on audit_events (instance_id, target_id, id desc)`,
];
