import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** The folder of the repository: children start here. */
export const ROOT = path.resolve(import.meta.dirname, "../..");

const GRACE_MS = 3_000;

export interface RunOptions {
  /** Added to this process's environment, from which REKEY_… and PG… are taken away first. */
  readonly env?: Readonly<Record<string, string>>;
  /** The child writes to this terminal and `output` stays empty. */
  readonly live?: boolean;
  readonly signal?: AbortSignal;
  /** Where it starts, when not in the folder of the repository. */
  readonly cwd?: string;
}

export interface Run {
  readonly ok: boolean;
  /** Standard output and error in the order of arrival. */
  readonly output: string;
}

/** Node has run with these arguments, as {@link runChild} runs a program. */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return runChild(process.execPath, args, options);
}

/**
 * A program has run with these arguments in a process group of its own, and nothing of that group is left.
 * An aborted signal ends it, kindly at first.
 */
export async function runChild(file: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  if (options.signal?.aborted) return { ok: false, output: "" };
  const child = spawn(file, args, {
    cwd: options.cwd ?? ROOT,
    detached: true,
    env: { ...cleanEnvironment(), ...options.env },
    stdio: options.live ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const end = (): void => endGroup(child);
  options.signal?.addEventListener("abort", end, { once: true });
  child.once("exit", () => signalGroup(child, "SIGKILL")); // What a test forgot would hold our pipes open for ever.
  await once(child, "close");
  options.signal?.removeEventListener("abort", end);
  return { ok: child.exitCode === 0, output: Buffer.concat(chunks).toString() };
}

/**
 * @returns a signal that aborts when this process is asked to end or loses the parent that started it with a channel.
 * A second request ends the process at once.
 */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => (stopping.signal.aborted ? process.exit(1) : stopping.abort());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.once("disconnect", () => stopping.abort());
  process.channel?.unref(); // The listener above would otherwise keep a finished process alive.
  return stopping.signal;
}

/** @returns this process's environment without a developer's own settings, which must not decide how a test ends: pg reads PGHOST and its kind by itself. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(REKEY_|PG[A-Z])/.test(name));
  const colour = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: "1" } : {};
  return { ...Object.fromEntries(kept), ...colour };
}

function endGroup(child: ChildProcess): void {
  signalGroup(child, "SIGTERM");
  setTimeout(() => signalGroup(child, "SIGKILL"), GRACE_MS).unref();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
