import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { Client } from "pg";

import type { TestInstance, TestRekey, TestUser } from "./rekey.ts";

/** A user's row that another program holds. */
export interface HeldUser {
  /** Resolves when somebody waits for the row. */
  someoneWaits(): Promise<void>;
  letGo(): Promise<void>;
}

/** Another program, on the same PostgreSQL, holds the user's row. */
export async function holdUser(rekey: TestRekey, oak: TestInstance, user: TestUser): Promise<HeldUser> {
  const other = new Client({ connectionString: rekey.shareable?.["DATABASE_URL"] });
  await other.connect();
  await other.query("begin");
  await other.query("select set_config('role', 'rekey_app', true), set_config('rekey.instance_id', $1, true)", [
    oak.instance.id,
  ]);
  const { rowCount } = await other.query("select 1 from users where id = $1 for update", [user.id]);
  assert.equal(rowCount, 1);
  return {
    someoneWaits: async () => {
      for (;;) {
        const { rows } = await other.query("select 1 from pg_locks where not granted and locktype = 'transactionid'");
        if (rows.length > 0) return;
        await pause(5);
      }
    },
    letGo: () => other.end(),
  };
}
