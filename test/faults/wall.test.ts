import assert from "node:assert/strict";
import { before, suite, test } from "node:test";

import { sql } from "kysely";

import { claimOnce } from "#audit/once.ts";
import { awaitSeal } from "#audit/unsealed-event.ts";
import { SYSTEM } from "#instances/scope.ts";
import { newId } from "#platform/crypto/id.ts";
import { untilSealed } from "../support/audit-seals.ts";
import { type TestInstance, testRekey } from "../support/rekey.ts";
import { suppressedAddress } from "../support/suppressed-address.ts";
import { openedTicket } from "../support/ticket.ts";
import { waitingApproval } from "../support/waiting-approval.ts";
import { instanceTables, rowsOf, untilIdle } from "../support/tables.ts";

const rekey = await testRekey();
const { db } = rekey.deps;

suite("Z2: the wall around an instance, in the database itself", () => {
  let oak: TestInstance;
  let pine: TestInstance;
  let tables: readonly string[];

  before(async () => {
    [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    tables = await instanceTables(db);
    for (const instance of [oak, pine]) await fillEveryTable(instance);
  });

  test("stands on every table with rows of instances, forced upon the owner too", async () => {
    const open = await asOperator(`
      select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind in ('r', 'p') and a.attname = 'instance_id' and not a.attisdropped
        and not (c.relrowsecurity and c.relforcerowsecurity)`);
    assert.deepEqual(open, []);
    assert(tables.length >= 9, "the catalogue names the tables");
    const others = await asOperator(`
      select c.relname as name from pg_class c where c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace = 'public'::regnamespace
        and c.relname not in (${tables.map((name) => `'${name}'`).join(", ")}) order by 1`);
    assert.deepEqual(
      others.map(({ name }) => name),
      ["instances", "kysely_migration", "kysely_migration_lock"],
      "whoever adds a table without instance_id decides here that it belongs to no instance",
    );
  });

  test("holds the program's roles, which own nothing and can step over nothing", async () => {
    const roles = await asOperator(`
      select r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
        (select count(*)::int from pg_shdepend d where d.refobjid = r.oid and d.deptype = 'o') as owned,
        (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships
      from pg_roles r where r.rolname in ('rekey_app', 'rekey_worker') order by 1`);
    const powerless = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    const nothing = { ...powerless, rolcanlogin: false, owned: 0, memberships: 0 };
    assert.deepEqual(roles, [
      { rolname: "rekey_app", ...nothing },
      { rolname: "rekey_worker", ...nothing },
    ]);
  });

  test("shows no row of any table while no instance is set", async () => {
    for (const table of tables) {
      assert((await rowsOf(oak, table)).length > 0, `${table} holds a row of the instance, or nothing was tried`);
      for (const setting of [undefined, ""]) assert.equal(await countAsProgram(table, setting), 0, table);
    }
  });

  test("shows, changes and takes in rows of the one instance alone that is set", async () => {
    for (const table of tables) {
      const rows = await rowsOf(oak, table);
      assert(
        rows.every(({ instance_id: id }) => id === oak.instance.id),
        table,
      );
      await assert.rejects(copyOver(table, oak, pine), /row-level security|permission denied/, table);
    }
    const changed = await db.inInstance(oak.instance.id, (tx) =>
      sql`update users set title = 'taken over' where instance_id = ${pine.instance.id}`.execute(tx),
    );
    assert.equal(changed.numAffectedRows, 0n);
  });

  test("lets nobody rewrite what is recorded, nor the worker read what it only claims", async () => {
    for (const table of ["audit_events", "recovery_events", "audit_seals"]) {
      const change = `update ${table} set instance_id = instance_id`;
      for (const statement of [change, `delete from ${table}`, `truncate ${table}`]) {
        for (const role of ["rekey_app", "rekey_worker"])
          await assert.rejects(asRole(role, statement, oak.instance.id), /permission denied/, `${role}: ${statement}`);
      }
      await assert.rejects(asRole("rekey_worker", `select * from ${table}`), /permission denied/, table);
    }
    for (const [role, statement] of [
      ["rekey_app", "update unsealed_audit_events set mac = null, key_id = null"],
      ["rekey_app", "truncate unsealed_audit_events"],
      ["rekey_worker", "select mac from unsealed_audit_events"],
      ["rekey_worker", "select event_id from unsealed_audit_events"],
      ["rekey_worker", "delete from unsealed_audit_events"],
    ] as const) {
      await assert.rejects(asRole(role, statement, oak.instance.id), /permission denied/, statement);
    }
    for (const statement of ["update instances set name = 'x'", "delete from users", "create table mine ()"]) {
      await assert.rejects(asRole("rekey_app", statement, oak.instance.id), /permission denied/, statement);
    }
    for (const statement of ["select to_address from emails", "select payload from jobs", "select id from users"]) {
      await assert.rejects(asRole("rekey_worker", statement), /permission denied/, statement);
    }
  });
});

/** At least one row lies in each table; a waiting job and a waiting event are made, since real ones are gone at once. Whoever adds a table adds an act. */
async function fillEveryTable(instance: TestInstance): Promise<void> {
  const owner = await instance.signIn(instance.owner);
  await instance.mailedToken(await instance.addUser({ password: null }), owner);
  const temporary = `/users/${(await instance.addUser()).id}/temporary-password`;
  await instance.api("POST", temporary, {
    json: { mode: "generated", verification: { method: "in_person" } },
    cookies: owner,
  });
  const guess = { current_password: "not mine", new_password: "amber compass willow station" };
  await instance.api("POST", "/session/password", { json: guess, cookies: owner });
  await instance.api("POST", "/session", { json: { identifier: "nobody", password: "wrong" } });
  await instance.api("POST", "/api-keys", {
    json: { name: "Help desk", scopes: ["users.read"] },
    cookies: owner,
    headers: { "idempotency-key": "one" },
  });
  await untilIdle(instance);
  await untilSealed(rekey, instance);
  await suppressedAddress(instance);
  await waitingApproval(instance);
  await openedTicket(instance);
  const later = new Date(Date.now() + 365 * 86_400_000);
  const scope = { ...instance.scope, actor: SYSTEM };
  await instance.deps.db.inInstance(instance.instance.id, async (tx) => {
    await claimOnce(tx, { ...scope, once: { key: "one", isClaimed: false } }, later);
    await awaitSeal(tx, scope, later, [{ id: newId(), digest: Buffer.alloc(32) }]);
    await tx
      .insertInto("jobs")
      .values({
        instance_id: instance.instance.id,
        id: newId(),
        kind: "none",
        payload: "{}",
        source: "",
        next_attempt_at: later,
        created_at: later,
      })
      .execute();
  });
}

async function asOperator(statement: string): Promise<readonly Record<string, unknown>[]> {
  return db.onInstances(async (tx) => (await sql.raw<Record<string, unknown>>(statement).execute(tx)).rows);
}

/** Runs a statement as a role of the program, in whatever instance is named; undefined sets none. */
async function asRole(
  role: string,
  statement: string,
  instanceId?: string,
): Promise<readonly Record<string, unknown>[]> {
  return db.onInstances(async (tx) => {
    await sql`select set_config('role', ${role}, true)`.execute(tx);
    if (instanceId !== undefined) await sql`select set_config('rekey.instance_id', ${instanceId}, true)`.execute(tx);
    return (await sql.raw<Record<string, unknown>>(statement).execute(tx)).rows;
  });
}

async function countAsProgram(table: string, setting: string | undefined): Promise<unknown> {
  const [row] = await asRole("rekey_app", `select count(*)::int as count from ${table}`, setting);
  return row?.count;
}

/** Writes a row of one instance into the other, while the first is set. */
async function copyOver(table: string, from: TestInstance, to: TestInstance): Promise<unknown> {
  const row = { ...(await rowsOf(from, table))[0], instance_id: to.instance.id };
  const json = JSON.stringify(row).replaceAll("'", "''");
  const statement = `insert into ${table} select * from jsonb_populate_record(null::${table}, '${json}'::jsonb)`;
  return asRole("rekey_app", statement, from.instance.id);
}
