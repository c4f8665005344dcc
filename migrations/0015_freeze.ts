import { type Kysely, sql } from "kysely";

/**
 * “This was not me” freezes an account: nothing lets anybody back into it until an administrator made sure of who is asking.
 * That record stands beside the user, where there is no recovery yet.
 *
 * A nullable column needs no rewrite, and the check is proved for few rows: the locks last milliseconds.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  "alter table users add column frozen_at timestamptz",
  `alter table verifications
    add column user_id uuid,
    alter column recovery_id drop not null,
    add constraint verifications_of_something check (recovery_id is not null or user_id is not null),
    add constraint verifications_user foreign key (instance_id, user_id) references users (instance_id, id)`,
  "create index verifications_by_user on verifications (instance_id, user_id) where user_id is not null",
];
