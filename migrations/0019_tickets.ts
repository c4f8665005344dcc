import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/**
 * Tickets with their conversation, and which of them a recovery belongs to. Somebody who asks for help may have no account, so
 * a mail may go to nobody's.
 *
 * Nullable columns need no rewrite, and the new foreign key finds no row to check: the locks last milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  for (const table of ["tickets", "ticket_messages", "ticket_numbers"]) await sql.raw(wall(table)).execute(db);
}

const STATEMENTS = [
  `create table ticket_numbers (
    instance_id uuid not null references instances (id),
    last integer not null,
    constraint ticket_numbers_pkey primary key (instance_id)
  )`,
  `grant select, insert, update on ticket_numbers to rekey_app`,

  `create table tickets (
    instance_id uuid not null references instances (id),
    id uuid not null,
    number integer not null constraint tickets_number_counts check (number > 0),
    subject text not null,
    requester_user_id uuid,
    requester_name text not null,
    requester_email text not null,
    status text not null default 'open'
      constraint tickets_status_known check (status in ('open', 'waiting_for_user', 'resolved', 'closed')),
    assignee_id uuid,
    external_url text,
    search_text text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint tickets_pkey primary key (instance_id, id),
    constraint tickets_number_unique unique (instance_id, number),
    constraint tickets_requester foreign key (instance_id, requester_user_id) references users (instance_id, id),
    constraint tickets_assignee foreign key (instance_id, assignee_id) references users (instance_id, id)
  )`,
  `create index tickets_by_activity on tickets (instance_id, updated_at desc, id desc)`,
  `create index tickets_by_requester on tickets (instance_id, requester_user_id, id desc) where requester_user_id is not null`,
  `create index tickets_by_assignee on tickets (instance_id, assignee_id) where assignee_id is not null and status <> 'closed'`,
  `grant select, insert, update on tickets to rekey_app`,

  `create table ticket_messages (
    instance_id uuid not null,
    id uuid not null,
    ticket_id uuid not null,
    kind text not null,
    author_type text not null
      constraint ticket_messages_author_known check (author_type in ('user', 'api_key', 'operator', 'requester', 'system')),
    author_id uuid,
    author_name text not null,
    text text,
    detail jsonb not null default '{}',
    at timestamptz not null,
    constraint ticket_messages_pkey primary key (instance_id, id),
    constraint ticket_messages_ticket foreign key (instance_id, ticket_id) references tickets (instance_id, id)
  )`,
  `create index ticket_messages_by_ticket on ticket_messages (instance_id, ticket_id, id)`,
  `grant select, insert on ticket_messages to rekey_app`,

  `alter table recoveries
    add column ticket_id uuid,
    add constraint recoveries_ticket foreign key (instance_id, ticket_id) references tickets (instance_id, id)`,
  `create index recoveries_by_ticket on recoveries (instance_id, ticket_id, id desc) where ticket_id is not null`,

  `alter table emails alter column user_id drop not null`,
];
