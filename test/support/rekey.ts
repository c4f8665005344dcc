import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Deps } from "#platform/deps.ts";
import { readConfig } from "../../src/config.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import { TestClock } from "./clock.ts";
import { TestDns } from "./dns.ts";
import { fillWithEmptyDatabase } from "./empty-directory.ts";
import { LEAKED_PASSWORDS, writePasswordList } from "./password-list.ts";
import { type SmtpSink, startSmtpSink } from "./smtp-sink.ts";
import { createTestInstance, type TestInstance } from "./test-instance.ts";

export { GOOD_PASSWORD } from "./newcomer.ts";
export { isResetLink, type TestInstance, type TestUser, tokenIn } from "./test-instance.ts";

/** Where the return path of every mail leads. */
export const BOUNCE_DOMAIN = "bounces.rekey.example";

/** The running program with its mail server. The tests of a process share one; each test makes an instance of its own. */
export interface TestRekey {
  readonly server: RunningServer;
  readonly deps: Deps;
  readonly clock: TestClock;
  readonly sink: SmtpSink;
  /** Of names that no test has published anything about, nothing is known. */
  readonly dns: TestDns;
  /** Everything the program logged. */
  readonly log: string[];
  /** Where the files of the database are: of the embedded one with its key, of PostgreSQL with what it logs. */
  readonly databaseDir: string;
  /** With which another program works on the same PostgreSQL and mail server; undefined on the embedded database. */
  readonly shareable: Readonly<Record<string, string>> | undefined;
  /** @param origin an https one to see what the product does there; requests reach it by their Host header all the same. */
  createInstance(name?: string, origin?: string): Promise<TestInstance>;
}

let shared: Promise<TestRekey> | undefined;

/** @returns the program that this process's tests share, started at the first call on the database of REKEY_TEST_DATABASE. */
export function testRekey(): Promise<TestRekey> {
  shared ??= startShared();
  return shared;
}

async function startShared(): Promise<TestRekey> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "rekey-test-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const sink = await startSmtpSink();
  const database = databaseOf(process.env.REKEY_TEST_DATABASE);
  if (!("DATABASE_URL" in database)) await fillWithEmptyDatabase(dataDir);
  const environment = {
    ...database,
    REKEY_DATA_DIR: dataDir,
    PASSWORD_LIST_FILE: writePasswordList(path.join(dataDir, "leaked.txt"), LEAKED_PASSWORDS),
  };
  return startRekey({ ...environment, SMTP_URL: sink.urlWithSignIn, BOUNCE_DOMAIN }, sink);
}

/**
 * The program runs in this process, where time can be moved.
 * @param environment names its database and its mail server.
 * @param sink where its mails end up. Close the server and the sink, unless they are those that all tests share.
 */
export async function startRekey(environment: Readonly<Record<string, string>>, sink: SmtpSink): Promise<TestRekey> {
  const clock = new TestClock();
  const dns = new TestDns("no_answer");
  const log: string[] = [];
  const write =
    (level: string) =>
    (sentence: string, fields: object = {}): void =>
      void log.push(JSON.stringify({ level, sentence, ...fields }));
  const config = readConfig({
    PORT: "0",
    ...(environment.BOUNCE_DOMAIN && { BOUNCE_LISTEN: "127.0.0.1:0" }),
    ...environment,
  });
  const server = await startServer(config, {
    clock,
    dns,
    log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
  });
  const { deps } = server;
  return {
    server,
    deps,
    clock,
    sink,
    dns,
    log,
    databaseDir: process.env.REKEY_TEST_DATABASE_DIR ?? config.dataDir,
    shareable: config.databaseUrl ? environment : undefined,
    createInstance: (name = "Oak Recovery", origin) =>
      createTestInstance({ deps, port: server.port, sink }, name, origin),
  };
}

function databaseOf(database: string | undefined): Record<string, string> {
  if (database === undefined || database === "embedded") return {};
  return { DATABASE_URL: database, REKEY_SECRET: randomBytes(32).toString("base64") };
}
