import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Keeps the server for as long as our end of standard input is open, then ends it and removes its directory:
 * so nothing stays behind when this process is killed without a chance to tidy up.
 */
const KEEPER = `
directory=$1; ending=$2; shift 2
exec 3<&0
"$@" 3<&- >"$directory/log" 2>&1 & server=$!
{ cat <&3; kill -$ending $server; } >/dev/null 2>&1 &
wait $server
touch "$directory/ended"
wait
rm -rf "$directory"
`;

/** Who a server runs as; left out, as who started the tests. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * A server of somebody else's runs until it is stopped, or until this process ends at the latest.
 * @param of.directory is all its own: its log comes to lie there, and it is gone afterwards.
 * @param of.ending the signal that ends it in good order.
 * @param of.as words that go before the command to run it as somebody else.
 * @returns what ends it and waits until nothing of it is left.
 */
export function keepServer(of: {
  command: readonly string[];
  directory: string;
  ending: "INT" | "TERM";
  account?: Account;
  as?: readonly string[];
}): () => Promise<void> {
  const { command, directory, ending, account, as = [] } = of;
  const keeper = spawn("env", [...as, "sh", "-c", KEEPER, "keeper", directory, ending, ...command], {
    ...account,
    cwd: directory,
    detached: true, // A Ctrl-C in the terminal is ours to handle: the suite still talks to the server then.
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = once(keeper, "exit");
  return async () => {
    keeper.stdin.end();
    await gone;
  };
}

/** @returns whether the server came to an end by itself. */
export function hasEnded(directory: string): boolean {
  return existsSync(path.join(directory, "ended"));
}

/** @returns the end of what the server said. */
export function lastWords(directory: string): string {
  return readFileSync(path.join(directory, "log"), "utf8").trim().split("\n").slice(-3).join(" ");
}
