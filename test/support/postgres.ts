import { execFileSync } from "node:child_process";
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Client } from "pg";

import { installDebianPackage } from "./debian-package.ts";
import { freePort } from "./free-port.ts";
import { type Account, hasEnded, keepServer, lastWords } from "./kept-server.ts";

const OLDEST_MAJOR = 15;
const START_MS = 30_000;
const OWNER = "rekey_owner";
const DATABASE = "rekey_test";

/** The data is thrown away, so nothing waits for the disk. Each line of the log says the kind of the error, if it is one. */
const SETTINGS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_connections=200",
  "listen_addresses=127.0.0.1",
  "log_line_prefix=%m [%p] %e ",
];

export interface ThrowawayPostgres {
  /** Connects as the owner of an empty database, who is no superuser but may create roles and databases. */
  readonly url: string;
  /** Holds the cluster, its log, and the socket on which {@link asSuperuser} gets in. */
  readonly directory: string;
  /** The server has ended and its directory is gone. */
  stop(): Promise<void>;
}

/**
 * A PostgreSQL cluster of our own runs in a temporary directory, on 127.0.0.1 and a free port.
 * It ends with this process at the latest.
 * @throws Error one plain sentence that tells a person what to install, where there is no PostgreSQL 15 or newer.
 */
export async function startPostgres(): Promise<ThrowawayPostgres> {
  const binaries = findBinaries() ?? (await installBinaries());
  const account = unprivilegedAccount();
  const directory = createDirectory(account);
  const port = await freePort();
  const data = path.join(directory, "data");
  const initdb = ["-D", data, "-U", "postgres", "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"];
  execFileSync(path.join(binaries, "initdb"), initdb, { ...account, cwd: directory, stdio: "pipe" });

  const settings = [...SETTINGS, `port=${port}`, `unix_socket_directories=${directory}`].flatMap((one) => ["-c", one]);
  const stop = keepServer({
    command: [path.join(binaries, "postgres"), "-D", data, ...settings],
    directory,
    ending: "INT",
    account,
  });
  try {
    await createOwner(directory, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `postgres://${OWNER}@127.0.0.1:${port}/${DATABASE}`, directory, stop };
}

/** Does the work as the superuser of the cluster that this run of the suite is on, in one of its databases. */
export async function asSuperuser(work: (client: Client) => Promise<void>, database = "postgres"): Promise<void> {
  const { REKEY_TEST_DATABASE: url = "", REKEY_TEST_DATABASE_DIR: directory = "" } = process.env;
  const client = await connect(directory, Number(new URL(url).port), database);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** @returns the folder of the newest binaries that will do. */
function findBinaries(): string | undefined {
  return globSync("/usr/lib/postgresql/*/bin")
    .filter((folder) => majorOf(folder) >= OLDEST_MAJOR && existsSync(path.join(folder, "postgres")))
    .toSorted((left, right) => majorOf(right) - majorOf(left))[0];
}

function majorOf(folder: string): number {
  return Number(folder.split("/")[4]);
}

async function installBinaries(): Promise<string> {
  const settings = "/etc/postgresql-common/createcluster.d/rekey-test.conf";
  const brings = `PostgreSQL ${OLDEST_MAJOR} or newer`;
  await installDebianPackage({
    name: "postgresql",
    brings,
    // Debian would otherwise create a cluster of its own and start it.
    before: `mkdir -p ${path.dirname(settings)} && echo 'create_main_cluster = false' >${settings}`,
    after: `rm -f ${settings}`,
  });
  const binaries = findBinaries();
  if (!binaries) throw new Error(`The tests need ${brings}, and this system's package "postgresql" is older.`);
  return binaries;
}

/** @returns who PostgreSQL and what belongs to it run as, since they refuse to run as root. */
export function unprivilegedAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found = ["postgres", "nobody"].map((name) => accounts.find((account) => account[0] === name)).find(Boolean);
  if (!found) throw new Error("PostgreSQL does not run as root, and this machine has no user postgres or nobody.");
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

function createDirectory({ uid, gid }: Account): string {
  const directory = mkdtempSync(path.join(tmpdir(), "rekey-postgres-"));
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  return directory;
}

async function createOwner(directory: string, port: number): Promise<void> {
  const client = await connect(directory, port);
  await client.query(`create role ${OWNER} login nosuperuser createrole createdb`);
  await client.query(`grant pg_checkpoint to ${OWNER}`);
  await client.query(`create database ${DATABASE} owner ${OWNER}`);
  await client.end();
}

/** Connects as the superuser over the socket, as soon as the server answers. */
async function connect(directory: string, port: number, database = "postgres"): Promise<Client> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const client = new Client({ host: directory, port, user: "postgres", database });
    try {
      await client.connect();
      return client;
    } catch (cause) {
      if (hasEnded(directory) || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start: ${lastWords(directory)}`, { cause });
      await pause(25);
    }
  }
}
