import { chownSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Client } from "pg";

import { installDebianPackage } from "./debian-package.ts";
import { freePort } from "./free-port.ts";
import { hasEnded, keepServer, lastWords } from "./kept-server.ts";
import { unprivilegedAccount } from "./postgres.ts";

const PROGRAM = "/usr/sbin/pgbouncer";
const START_MS = 30_000;

/** Fewer than a program opens, so that one connection of ours is now this process of the server and now that. */
const SERVER_CONNECTIONS = 4;

/** A pooler that gives each transaction any connection to the server that is free. */
export interface Pooler {
  readonly url: string;
  /** It has ended, and its directory is gone. */
  stop(): Promise<void>;
}

/**
 * A PgBouncer of our own, as Debian has it, stands before a database on 127.0.0.1 and a free port; it ends with this process
 * at the latest.
 * @throws Error one plain sentence that tells a person what to install, where there is none.
 */
export async function startPgBouncer(databaseUrl: string): Promise<Pooler> {
  if (!existsSync(PROGRAM)) await installDebianPackage({ name: "pgbouncer", brings: "PgBouncer, the pooler" });
  const account = unprivilegedAccount();
  const directory = mkdtempSync(path.join(tmpdir(), "rekey-pgbouncer-"));
  const { hostname, port: serverPort, pathname, username } = new URL(databaseUrl);
  const database = pathname.slice(1);
  const port = await freePort();
  const settings = [
    "[databases]",
    `${database} = host=${hostname} port=${serverPort} dbname=${database} user=${username}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "auth_type = any",
    "unix_socket_dir =",
    "pool_mode = transaction",
    `default_pool_size = ${SERVER_CONNECTIONS}`,
    "max_client_conn = 200",
  ];
  const file = path.join(directory, "pgbouncer.ini");
  writeFileSync(file, `${settings.join("\n")}\n`);
  for (const one of [directory, file])
    if (account.uid !== undefined && account.gid !== undefined) chownSync(one, account.uid, account.gid);
  const stop = keepServer({ command: [PROGRAM, "-q", file], directory, ending: "INT", account });
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  try {
    await untilItAnswers(url.href, directory);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: url.href, stop };
}

async function untilItAnswers(url: string, directory: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (hasEnded(directory) || Date.now() > deadline)
        throw new Error(`PgBouncer did not start: ${lastWords(directory)}`, { cause });
      await pause(25);
    }
  }
}
