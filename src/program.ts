import { traceOf } from "#lib/error-words.ts";
import { RekeyError } from "#lib/errors.ts";
import { OperatorError } from "#lib/operator-error.ts";

/**
 * Runs a server until it is told to stop, by a signal or because the process that started it is gone. What an operator can
 * mend is said in a sentence, with exit code 1.
 */
export async function runProgram(start: () => Promise<{ close(): Promise<void> }>): Promise<void> {
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${faultSentence(error)}\n`);
    process.exit(1);
  });
  try {
    const server = await start();
    const stop = onceOnly(async () => {
      await server.close();
      process.exit(0);
    });
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    process.on("disconnect", stop);
    process.channel?.unref();
  } catch (error) {
    process.stderr.write(`${faultSentence(error)}\n`);
    process.exit(1);
  }
}

/** @returns what to tell the operator: the sentence where there is one, everything that is known where there is none. */
export function faultSentence(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  if (isDiskFull(error)) return "The disk is full. Free some space and start again; nothing was lost.";
  if (error instanceof RekeyError) return `${error.title} ${error.detail}`;
  if (isSystemError(error) && (error.code === "EACCES" || error.code === "EROFS"))
    return `This user may not write to ${error.path}. Check the owner of the directory.`;
  return traceOf(error);
}

function isDiskFull(error: unknown): boolean {
  return error instanceof RekeyError ? error.code === "disk_full" : isSystemError(error) && error.code === "ENOSPC";
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}

function onceOnly(work: () => Promise<void>): () => void {
  let hasRun = false;
  return () => {
    if (!hasRun) void work();
    hasRun = true;
  };
}
