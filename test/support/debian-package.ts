import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

/** The lists of packages are fetched only where the package cannot be had without: most images come with none, or with old ones. */
const INSTALL = `
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }
apt install --no-install-recommends "$1" || { apt update; apt install --no-install-recommends "$1"; }
`;

export interface DebianPackage {
  readonly name: string;
  /** What the package brings, as a person would call it. */
  readonly brings: string;
  /** A shell command that root runs before the installation. */
  readonly before?: string;
  /** A shell command that root runs after it, whatever came of it. */
  readonly after?: string;
}

/**
 * The package is installed, without a question and without what it merely recommends. It can take a minute, and says so.
 * @throws Error one plain sentence that tells a person what to install, where this machine does not let us.
 */
export async function installDebianPackage({ name, brings, before, after }: DebianPackage): Promise<void> {
  const root = becomeRoot();
  if (!root || !existsSync("/usr/bin/apt-get")) throw new Error(`The tests need ${brings}: ${advice(name)}.`);
  console.log(`Installing ${brings} (once) …`);
  const script = `${before ?? ":"}\n${INSTALL}\nstatus=$?\n${after ?? ":"}\nexit $status`;
  const child = spawn("env", [...root, "sh", "-c", script, "install", name], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += String(chunk)));
  await once(child, "close");
  if (child.exitCode === 0) return;
  const why = said.match(/^E: .*$/gm)?.at(-1) ?? `exit code ${child.exitCode}`;
  throw new Error(`The tests need ${brings}, and apt-get could not install it (${why}): ${advice(name)}.`);
}

/** @returns the words before a command that make it root's, undefined where that would take a password. */
export function becomeRoot(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : undefined;
}

function advice(name: string): string {
  return `install it (on Debian: apt-get install ${name}) and try again`;
}
