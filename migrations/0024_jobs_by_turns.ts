import { type Kysely, sql } from "kysely";

/** From where a job was asked for, so that whoever asks often waits behind themselves and not before everybody else. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Empty: by Rekey itself, or by a version that did not say it yet.
  "alter table jobs add column source text not null default ''",
  "grant select (source) on jobs to rekey_worker",
];
