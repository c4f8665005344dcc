import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { sql } from "kysely";

import { sealAuditEvents } from "#audit-seals/seal-audit-events.ts";
import { runCommand } from "#operator/commands.ts";
import { asSuperuser } from "./postgres.ts";
import type { TestInstance, TestRekey } from "./rekey.ts";
import { rowsOf } from "./tables.ts";

const GATHERED_MS = 6_000;
const PATIENCE_MS = 20_000;

/** Time passes until every audit event of the instance is sealed. */
export async function untilSealed(rekey: TestRekey, oak: TestInstance): Promise<void> {
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  rekey.clock.advance(GATHERED_MS);
  while ((await rowsOf(oak, "unsealed_audit_events")).length > 0) {
    assert(!deadline.aborted, "every audit event is sealed sooner or later");
    await sealAuditEvents(oak.deps); // Beside the worker, which does the same.
    await pause(5);
  }
}

/** What `audit verify` says of one instance, and whether it holds. */
export interface Verification {
  readonly exitCode: number;
  readonly said: string;
}

/** The operator has the record of the instance verified. */
export async function verify(oak: TestInstance, ...words: readonly string[]): Promise<Verification> {
  const at = ["--instance", oak.instance.origin];
  const { exitCode, stdout, stderr } = await runCommand(oak.deps, ["audit", "verify", ...at, ...words]);
  return { exitCode, said: `${stdout}${stderr}` };
}

/** Runs statements past every wall, as somebody would who administers the database and not the program. */
export type Tamper = (statement: string) => Promise<readonly Record<string, unknown>[]>;

/** The work is done by whoever can do everything in the database of this run, and has no key. */
export async function tampering(oak: TestInstance, work: (tamper: Tamper) => Promise<void>): Promise<void> {
  const { REKEY_TEST_DATABASE: url = "embedded" } = process.env;
  if (url !== "embedded")
    return asSuperuser(
      (client) => work(async (statement) => [(await client.query(statement)).rows].flat()),
      new URL(url).pathname.slice(1),
    );
  return work((statement) =>
    oak.deps.db.onInstances(async (tx) => {
      return (await sql.raw<Record<string, unknown>>(statement).execute(tx)).rows;
    }),
  );
}
