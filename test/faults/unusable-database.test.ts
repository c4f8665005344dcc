import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { Client } from "pg";

import { OperatorError } from "#lib/operator-error.ts";
import { newEnvironment } from "../support/program.ts";
import { readConfig } from "../../src/config.ts";
import { layFoundation } from "../../src/foundation.ts";

const isEmbedded = (process.env.REKEY_TEST_DATABASE ?? "embedded") === "embedded";

suite("A database that this program cannot work on", {
  skip: isEmbedded && "nothing else reaches the embedded one",
}, () => {
  for (const [what, statement, sentence] of [
    [
      "was restored without what keeps instances apart",
      `do $$ declare each record; begin
        for each in select policyname, schemaname, tablename from pg_policies where tablename = 'users' loop
          execute format('drop policy %I on %I.%I', each.policyname, each.schemaname, each.tablename);
        end loop; end $$`,
      /restored without the roles rekey_app and rekey_worker/,
    ],
    [
      "was restored without what lets the program read",
      "revoke select on users from rekey_app",
      /restored without the roles rekey_app and rekey_worker/,
    ],
    [
      "is of a newer version",
      "insert into kysely_migration (name, timestamp) values ('9999_newer', '2099-01-01')",
      /^A newer version of Rekey has brought this database up to date \(9999_newer\)\. Start that version/,
    ],
  ] as const)
    test(`and that ${what} is refused in a sentence`, async () => {
      const environment = await newEnvironment();
      const config = readConfig({ ...environment, LOG_LEVEL: "error" });
      await (await layFoundation(config)).close();
      const client = new Client({ connectionString: config.databaseUrl });
      await client.connect();
      const { rows } = await client.query("select schemaname from pg_tables where tablename = 'users'");
      await client.query(`set search_path to ${String((rows as { schemaname: string }[])[0]?.schemaname)}`);
      await client.query(statement);
      await client.end();
      await assert.rejects(
        layFoundation(config),
        (error) => error instanceof OperatorError && sentence.test(error.message),
      );
    });
});
