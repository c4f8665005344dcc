import { type Kysely, sql } from "kysely";

import { wall } from "./wall.ts";

/** What was carried through a sign-in is done once, and this says that it was. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  await sql.raw(wall("done_once")).execute(db);
}

const STATEMENTS = [
  `create table done_once (
    instance_id uuid not null references instances (id),
    key text not null,
    done_at timestamptz not null,
    constraint done_once_pkey primary key (instance_id, key)
  )`,
  "create index done_once_by_age on done_once (instance_id, done_at)",
  "grant select, insert, delete on done_once to rekey_app",
];
