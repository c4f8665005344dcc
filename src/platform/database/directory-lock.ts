import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import { OperatorError } from "#lib/operator-error.ts";
import { readServerFile } from "./server-file.ts";

/**
 * Holds the data directory for the life of this process: two processes on one embedded database would corrupt it without a
 * word. The lock is an exclusive transaction on a small SQLite file, which the system frees even after kill -9.
 * @returns what lets the directory go.
 * @throws OperatorError when another process holds it; the sentence names that process.
 */
export function lockDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(path.join(dataDir, "lock"), { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
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
