import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { sql } from "kysely";
import pg from "pg";

import { type TestInstance, testRekey, type TestUser } from "../../../test/support/rekey.ts";
import { sendAlong } from "./transaction.ts";

const rekey = await testRekey();
const { db } = rekey.deps;

const counted = (count: number) => sql<{ count: number }>`select ${count}::int as count`;

suite("A transaction", () => {
  test("asks at once what is asked for at once, and gives each its own answer", async () => {
    const oak = await rekey.createInstance();
    const heard: string[] = [];
    const { query } = pg.Client.prototype;
    pg.Client.prototype.query = function watched(this: pg.Client, asked: pg.QueryConfig, ...rest: unknown[]) {
      const answer = Reflect.apply(query, this, [asked, ...rest]) as Promise<pg.QueryResult<{ count: number }>>;
      const values = asked.values as readonly number[] | undefined;
      if (!asked.text?.includes("::int as count")) return answer;
      heard.push(`asked ${values?.[0]}`);
      return answer.then((result) => {
        heard.push(`heard ${result.rows[0]?.count}`);
        return result;
      });
    } as typeof query;
    try {
      const answers = await db.inInstance(oak.instance.id, (tx) =>
        Promise.all([1, 2, 3].map(async (count) => (await counted(count).execute(tx)).rows[0]?.count)),
      );
      assert.deepEqual(answers, [1, 2, 3]);
    } finally {
      pg.Client.prototype.query = query;
    }
    assert.deepEqual(heard, ["asked 1", "asked 2", "asked 3", "heard 1", "heard 2", "heard 3"]);
  });

  test("is over for who still asks when something beside it has failed: nothing is done outside of it", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const rename = (name: string) => sql`update users set first_name = ${name} where id = ${maria.id}`;
    let beside: Promise<unknown> = Promise.resolve();
    const failing = db.inInstance(oak.instance.id, async (tx) => {
      const fails = sql`select 1 / ${0}::int`.execute(tx);
      beside = fails.catch(async () => {
        await sendAlong(tx, sql`select 1`);
        await rename("Lost").execute(tx);
      });
      beside.catch(() => {});
      await fails;
    });
    await assert.rejects(failing, /division by zero/);
    await assert.rejects(beside, /after the end of its transaction/);
    assert.equal(await firstNameOf(oak, maria), maria.firstName);
  });

  test("tells why it failed, whoever beside it hears of it first", async () => {
    const oak = await rekey.createInstance();
    const failing = db.inInstance(oak.instance.id, (tx) => {
      const deep = async (): Promise<unknown> => {
        const once = async () => await sql`select 1 / ${0}::int`.execute(tx);
        const twice = async () => await once();
        return await twice();
      };
      return Promise.all([deep(), counted(1).execute(tx)]);
    });
    await assert.rejects(failing, /division by zero/);
  });

  test("is not done when something in it failed that nobody listened to", async () => {
    const oak = await rekey.createInstance();
    const swallowing = db.inInstance(oak.instance.id, async (tx) => {
      await sql`select 1 / ${0}::int`.execute(tx).catch(() => {});
    });
    await assert.rejects(swallowing, /division by zero/);
  });

  test("begins whatever is sent along with its first statement: nothing is done outside of it", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const failing = db.inInstance(oak.instance.id, async (tx) => {
      await sendAlong(tx, sql.raw("this is no statement"));
      await sql`update users set first_name = ${"Lost"} where id = ${maria.id}`.execute(tx);
    });
    await assert.rejects(failing, /syntax error/);
    assert.equal(await firstNameOf(oak, maria), maria.firstName);
  });
});

async function firstNameOf(oak: TestInstance, { id }: TestUser): Promise<string | undefined> {
  const { rows } = await db.inInstance(oak.instance.id, (tx) =>
    sql<{ first_name: string }>`select first_name from users where id = ${id}`.execute(tx),
  );
  return rows[0]?.first_name;
}
