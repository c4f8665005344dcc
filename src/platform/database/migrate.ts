import { readdir } from "node:fs/promises";

import { Kysely, PostgresDialect, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Pool } from "pg";

import { codeOf, messageOf } from "#lib/error-words.ts";
import { OperatorError } from "#lib/operator-error.ts";

const MIGRATIONS = new URL("../../../migrations/", import.meta.url);
const OLDEST_SERVER = 150_000;
const LOCK_TIMEOUT_MS = 10_000;

/** A server that is there and cannot go on: insufficient resources, system error, internal error (PostgreSQL, appendix A). */
const OWN_TROUBLE = /^(53|58|XX)/;

/** As which the program works; an administrator of the database makes them where the program may not. */
const ROLES = ["rekey_app", "rekey_worker"];

/**
 * Brings the schema up to date as the owner of the database; does nothing when it is.
 * @param advice what to do where the database does not answer.
 * @throws OperatorError when the server does not answer, is older than PostgreSQL 15, refuses, or has a database that is newer
 *   than this program or was restored in part; the sentence says what to do.
 */
export async function migrate(pool: Pool, advice: string): Promise<void> {
  // Kysely ends its pool when it is destroyed; this one is still needed, so it is only let go.
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  await refuseOldServer(db, advice);
  await makeRoles(db);
  const migrator = new Migrator({ db, provider: { getMigrations: readMigrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw new OperatorError(faultWords(messageOf(error)), error);
  await requireWall(db);
}

function faultWords(message: string): string {
  const newer = /previously executed migration (\S+) is missing/.exec(message)?.[1];
  if (newer === undefined) return `The database could not be brought up to date: ${message}`;
  return `A newer version of Rekey has brought this database up to date (${newer}). Start that version, or a newer one; nothing was changed.`;
}

/** A database that was restored before its roles were made has lost what keeps the instances apart, and what lets the program read. */
async function requireWall(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ open: number; readable: boolean }>`
    select count(*) filter (where c.relrowsecurity and not exists (select from pg_policy where polrelid = c.oid))::int as open,
      bool_or(c.relname = 'users' and has_table_privilege('rekey_app', c.oid, 'select')) as readable
    from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace`.execute(db);
  if (rows[0]?.open === 0 && rows[0].readable) return;
  throw new OperatorError(
    "This database was restored without the roles rekey_app and rekey_worker: what keeps instances apart is missing in it. " +
      "Make the roles, and restore it again from the same backup into an empty database.",
  );
}

async function refuseOldServer(db: Kysely<unknown>, advice: string): Promise<void> {
  const { rows } = await sql<{ version: number }>`select current_setting('server_version_num')::int as version`
    .execute(db)
    .catch((error: unknown) => {
      const isItsOwn = OWN_TROUBLE.test(codeOf(error));
      throw new OperatorError(
        `The database does not answer: ${messageOf(error)}. ${isItsOwn ? "Is the disk full?" : advice}`,
        error,
      );
    });
  const version = rows[0]?.version ?? 0;
  if (version >= OLDEST_SERVER) return;
  throw new OperatorError(`Rekey needs PostgreSQL 15 or newer; this server is ${Math.floor(version / 10_000)}.`);
}

/** Roles belong to the whole server: two programs may make them at once, and the second finds them there. */
async function makeRoles(db: Kysely<unknown>): Promise<void> {
  for (const role of ROLES) {
    const { rows } = await sql`select 1 from pg_roles where rolname = ${role} and pg_has_role(oid, 'member')`.execute(
      db,
    );
    if (rows.length > 0) continue;
    try {
      await sql
        .raw(
          `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$`,
        )
        .execute(db);
      await sql.raw(`grant ${role} to current_user`).execute(db);
    } catch (error) {
      throw new OperatorError(
        `The database user may not make the role ${role} (${messageOf(error)}). Let an administrator of the database run: ` +
          ROLES.map((each) => `create role ${each} nologin; grant ${each} to <the user of DATABASE_URL>;`).join(" "),
        error,
      );
    }
  }
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(MIGRATIONS)).filter((file) => /^\d{4}_\w+\.ts$/.test(file)).sort();
  const found = files.map(async (file) => [file.slice(0, -3), await import(new URL(file, MIGRATIONS).href)] as const);
  return Object.fromEntries((await Promise.all(found)).map(([name, migration]) => [name, patient(migration)]));
}

/** Whoever uses a table must not wait behind a migration that waits for it. */
function patient({ up }: Migration): Migration {
  return {
    up: async (db) => {
      await sql.raw(`set local lock_timeout = '${LOCK_TIMEOUT_MS}'`).execute(db);
      await up(db);
    },
  };
}
