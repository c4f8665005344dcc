import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import nodemailer from "nodemailer";

import { becomeRoot, installDebianPackage } from "./debian-package.ts";
import { freePort } from "./free-port.ts";
import { hasEnded, keepServer, lastWords } from "./kept-server.ts";

const DAEMONS = "/usr/lib/postfix/sbin";
const START_MS = 30_000;

/** What carries the mails and writes the reports; nothing here reaches a mailbox of this machine. */
const SERVICES = `
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
`;

interface PostfixOptions {
  /** Where it hands everything on to, as a port on loopback. */
  readonly nextHop: number;
  /** What it does with some domains instead, as in transport(5). */
  readonly transports: Readonly<Record<string, string>>;
  /** When it warns the sender that a mail is still under way, and when it gives it up. */
  readonly warnsAfterSeconds: number;
  readonly givesUpAfterSeconds: number;
}

/** A mail server as it stands between many a company and the world. */
export interface Postfix {
  readonly url: string;
  /** @returns everything it has logged. */
  log(): string;
  /** It has ended, and its directory with every mail in it is gone. */
  stop(): Promise<void>;
}

/**
 * A Postfix of our own runs in a temporary directory, on 127.0.0.1 and a free port. It tries again every second, and ends
 * with this process at the latest.
 * @throws Error one plain sentence that tells a person what is missing, where this machine does not let us.
 */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const brings = "Postfix, the mail server";
  if (!existsSync(path.join(DAEMONS, "master")))
    await installDebianPackage({ name: "postfix", brings, before: UNCONFIGURED });
  const root = rootOf(brings);
  const directory = mkdtempSync(path.join(tmpdir(), "rekey-postfix-"));
  const port = await freePort();
  configure(directory, port, options);
  const command = ["sh", "-c", START, "start", directory];
  const stop = keepServer({ command, directory, ending: "TERM", as: root });
  try {
    await untilItAnswers(directory, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `smtp://127.0.0.1:${port}`, log: () => readFileSync(path.join(directory, "log"), "utf8"), stop };
}

/** @returns the words before a command that have Postfix, which insists on root, believe in it. */
function rootOf(brings: string): readonly string[] {
  const root = existsSync("/usr/bin/fakeroot") && process.getuid?.() !== 0 ? ["fakeroot"] : becomeRoot();
  if (!root)
    throw new Error(`The tests need ${brings}, which only root may start: install fakeroot, or run them as root.`);
  return root;
}

/** Debian starts no Postfix that has no configuration. */
const UNCONFIGURED = `echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections`;

/** Postfix wants its configuration to be root's and its data its own. The check makes the directories of the queue. */
const START = `
chown -R root:root "$1" && chown postfix "$1/data" && postfix -c "$1/etc" check && exec ${DAEMONS}/master -c "$1/etc"
`;

/** The directory's name is the only secret that the mails in it need: its owners are several. */
function configure(directory: string, port: number, options: PostfixOptions): void {
  chmodSync(directory, 0o755);
  for (const name of ["etc", "queue", "data"]) mkdirSync(path.join(directory, name));
  const parameters = { ...ALWAYS, ...placesOf(directory), ...conductOf(options) };
  const lines = Object.entries(parameters).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(path.join(directory, "etc/main.cf"), lines.join(""));
  writeFileSync(path.join(directory, "etc/master.cf"), `127.0.0.1:${port} inet n - n - - smtpd${SERVICES}`);
}

const ALWAYS = {
  compatibility_level: "3.6",
  myhostname: "mx.postfix.example",
  mydestination: "",
  alias_maps: "",
  local_recipient_maps: "",
  inet_interfaces: "127.0.0.1",
  inet_protocols: "ipv4",
  mynetworks: "127.0.0.0/8",
  smtpd_relay_restrictions: "permit_mynetworks, reject",
  smtpd_peername_lookup: "no",
  smtpd_reject_unlisted_recipient: "no",
  smtp_dns_support_level: "disabled",
  queue_run_delay: "1s",
  minimal_backoff_time: "1s",
  maximal_backoff_time: "1s",
  notify_classes: "",
  smtp_connection_cache_on_demand: "no",
  // What fakeroot works through.
  import_environment: "MAIL_CONFIG PATH LD_PRELOAD LD_LIBRARY_PATH FAKEROOTKEY",
} as const;

function placesOf(directory: string) {
  return {
    queue_directory: path.join(directory, "queue"),
    data_directory: path.join(directory, "data"),
    maillog_file: path.join(directory, "log"),
    maillog_file_prefixes: directory,
  };
}

function conductOf({ nextHop, transports, warnsAfterSeconds, givesUpAfterSeconds }: PostfixOptions) {
  const maps = Object.entries(transports).map(([domain, transport]) => `{${domain} = ${transport}}`);
  return {
    relayhost: `[127.0.0.1]:${nextHop}`,
    transport_maps: `inline:{${maps.join(", ")}}`,
    delay_warning_time: `${warnsAfterSeconds}s`,
    maximal_queue_lifetime: `${givesUpAfterSeconds}s`,
  };
}

async function untilItAnswers(directory: string, port: number): Promise<void> {
  const deadline = Date.now() + START_MS;
  const client = nodemailer.createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  for (;;) {
    try {
      await client.verify();
      return;
    } catch (cause) {
      if (hasEnded(directory) || Date.now() > deadline)
        throw new Error(`Postfix did not start: ${lastWords(directory)}`, { cause });
      await pause(25);
    }
  }
}
