import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import { OperatorError } from "#lib/operator-error.ts";
import { readServerFile } from "./server-file.ts";

/** Another connection holds the lock (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;

/**
 * Holds the data directory for the life of this process: two processes on one embedded database would corrupt it without a
 * word. The lock is an exclusive transaction on a small SQLite file, which the system frees even after kill -9.
 * @returns what lets the directory go.
 * @throws OperatorError when another process holds it, which the sentence names, or when it cannot be written to.
 */
export function lockDirectory(dataDir: string): () => void {
  makeDirectory(dataDir);
  const lock = new DatabaseSync(path.join(dataDir, "lock"), { open: false, timeout: 0 });
  try {
    lock.open();
    lock.exec("begin exclusive");
  } catch (error) {
    if (lock.isOpen) lock.close();
    if (!isBusy(error)) {
      throw new OperatorError(
        `Rekey cannot write to ${dataDir} (${String(error)}). Is the disk full, or does the directory belong to somebody else?`,
        error,
      );
    }
    const holder = readServerFile(dataDir);
    throw new OperatorError(
      holder
        ? `Rekey already runs on ${dataDir} (process ${holder.pid}, at ${holder.origin}). Stop it first, or set REKEY_DATA_DIR to another directory.`
        : `Another Rekey command is using ${dataDir} at this moment. Try again when it is done, or set REKEY_DATA_DIR to another directory.`,
      error,
    );
  }
  return () => lock.close();
}

function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new OperatorError(
      `REKEY_DATA_DIR expects a directory that this user may make and write to; ${dataDir} cannot be one (${String(error)}).`,
      error,
    );
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
