import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

import { Client } from "pg";

import { cleanEnvironment, ROOT } from "./child.ts";
import { fillWithEmptyDatabase } from "./empty-directory.ts";

type Environment = Readonly<Record<string, string>>;

const PATIENCE_MS = 60_000;

/** A developer's own settings of these must not decide how a program of a test runs. */
const UNSET = Object.fromEntries(
  "DATABASE_URL PORT HOST TRUSTED_PROXIES LOG_LEVEL SMTP_URL MAIL_FROM BOUNCE_LISTEN BOUNCE_DOMAIN DKIM_DOMAIN DKIM_SELECTOR DKIM_KEY_FILE PASSWORD_LIST_FILE METRICS_TOKEN"
    .split(" ")
    .map((name) => [name, ""]),
);

/** The program as an operator starts it, in a process of its own. */
export interface Program {
  readonly pid: number;
  /** Undefined when it ended instead of getting ready. */
  readonly origin: string | undefined;
  /** How long it took to say that it is ready. */
  readonly readyAfterMs: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Sends a signal and waits for the end. @returns the exit code, null when the signal ended it. */
  stop(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  /** @returns the exit code of a program that ends by itself. */
  ended(): Promise<number | null>;
}

/**
 * Starts the program, or the demo, and waits until it is ready or has ended. It ends with this process at the latest.
 * @param root the folder of the repository, or of a copy of it.
 */
export async function startProgram(
  environment: Environment,
  file: "src/main.ts" | "src/demo.ts" = "src/main.ts",
  root = ROOT,
): Promise<Program> {
  const startedAt = performance.now();
  const child = run(path.join(root, file), [], environment, ["pipe", "pipe", "pipe", "ipc"]);
  const output = { stdout: "", stderr: "" };
  const { promise: isSettled, resolve: settle } = Promise.withResolvers<void>();
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output.stdout += chunk;
    if (/^Rekey is ready at .*$/m.test(output.stdout)) settle();
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => void (output.stderr += chunk));
  const gone = once(child, "close") as Promise<[number | null]>;
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await Promise.race([isSettled, gone]);
  clearTimeout(timer);
  return {
    pid: child.pid ?? 0,
    origin: /^Rekey is ready at (.*)$/m.exec(output.stdout)?.[1],
    readyAfterMs: performance.now() - startedAt,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    stop: async (signal) => {
      child.kill(signal);
      return (await gone)[0];
    },
    ended: async () => (await gone)[0],
  };
}

/** Starts the program with its output in a file, and stops it once it is ready. @returns what stands in the file. */
export async function startIntoFile(environment: Environment): Promise<string> {
  const file = path.join(newDirectory(), "output.txt");
  const output = openSync(file, "w");
  const child = run(path.join(ROOT, "src/main.ts"), [], environment, ["ignore", output, "inherit", "ipc"]);
  closeSync(output);
  const gone = once(child, "close");
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  while (child.exitCode === null && !/^Rekey is ready at /m.test(readFileSync(file, "utf8"))) await pause(50);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(timer);
  return readFileSync(file, "utf8");
}

export interface CommandRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command of the operator to its end.
 * @param input what stands on its standard input, if anything.
 */
export async function runCommandLine(
  environment: Environment,
  words: readonly string[],
  input = "",
): Promise<CommandRun> {
  const child = run(path.join(ROOT, "src/cli.ts"), words, environment, ["pipe", "pipe", "pipe"]);
  if (!child.stdout || !child.stderr) throw new Error("the child's output is read");
  child.stdin?.on("error", () => {}).end(input); // A command that reads nothing is gone before it is written.
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}

function run(file: string, words: readonly string[], environment: Environment, stdio: StdioOptions): ChildProcess {
  const flags = ["--disable-warning=ExperimentalWarning", `--import=${ROOT}/scripts/tsx.mjs`];
  return spawn(process.execPath, [...flags, file, ...words], {
    cwd: tmpdir(),
    env: { ...cleanEnvironment(), ...UNSET, ...environment },
    stdio,
  });
}

/** @returns the environment of a program on a database of its own in which there is nobody, of the kind that this run of the suite is about. */
export async function emptyEnvironment(): Promise<Environment> {
  const environment = await newEnvironment();
  if (environment.DATABASE_URL === undefined) await fillWithEmptyDatabase(String(environment.REKEY_DATA_DIR));
  return environment;
}

function newDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), "rekey-program-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** @returns the same where there is nothing yet, not even a database. */
export async function newEnvironment(): Promise<Environment> {
  const own = { REKEY_DATA_DIR: newDirectory(), PORT: "0" };
  const server = process.env.REKEY_TEST_DATABASE;
  if (server === undefined || server === "embedded") return own;
  const database = new URL(server);
  database.pathname = `/rekey_${randomBytes(6).toString("hex")}`;
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${database.pathname.slice(1)}`);
  await client.end();
  return { ...own, DATABASE_URL: database.href, REKEY_SECRET: randomBytes(32).toString("base64") };
}
