import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Where the server that holds a data directory is found by the command line: beside the database, readable by the owner only. */
export interface ServerFile {
  readonly pid: number;
  /** Where people reach the first instance. */
  readonly origin: string;
  /** Loopback address that takes commands with the token; made anew at each start. */
  readonly commandUrl: string;
  readonly token: string;
}

/** Says where this process takes commands. Repeats safely. */
export function writeServerFile(dataDir: string, file: ServerFile): void {
  rmSync(serverFile(dataDir), { force: true });
  writeFileSync(serverFile(dataDir), JSON.stringify(file), { mode: 0o600 });
}

/** @returns the file that the running server left, or undefined. After kill -9 it may name a process that is gone. */
export function readServerFile(dataDir: string): ServerFile | undefined {
  try {
    return JSON.parse(readFileSync(serverFile(dataDir), "utf8"));
  } catch {
    return undefined;
  }
}

/** Takes the file away when the server stops. */
export function removeServerFile(dataDir: string): void {
  rmSync(serverFile(dataDir), { force: true });
}

const serverFile = (dataDir: string): string => path.join(dataDir, "server.json");
