import { createReadStream } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";

import { messageOf } from "#lib/error-words.ts";
import { readConfig } from "./config.ts";
import { OperatorError } from "#lib/operator-error.ts";
import { readServerFile } from "#platform/database/server-file.ts";
import { sendCommand } from "#operator/command-channel.ts";
import { type InputSource, UsageError } from "#operator/command.ts";
import { type CommandResult, inputOf, notUnderstood, problemLine, runCommand, usage } from "#operator/commands.ts";
import { layFoundation } from "./foundation.ts";
import { faultSentence } from "./program.ts";
import { workUntilIdle } from "./worker.ts";

/** More than any command takes: it refuses what is too much for it. */
const LARGEST_INPUT_BYTES = 16 * 1024 * 1024;

const argv = process.argv.slice(2);
const help: CommandResult = { exitCode: 0, stdout: `${usage()}\n`, stderr: "" };

const asksForHelp = argv.includes("--help") || argv.includes("-h") || argv[0] === "help";

const { exitCode, stdout, stderr } = await (asksForHelp ? help : run(argv).catch(cannotRun));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;

/** Nothing was done: the command line is not right, or the configuration, the database or a file does not let us. */
function cannotRun(error: unknown): CommandResult {
  if (error instanceof UsageError) return notUnderstood(argv, error);
  const sentence = faultSentence(error);
  const problem = { code: "cannot_run", title: "The command could not be run.", detail: sentence };
  return { exitCode: 1, stdout: argv.includes("--json") ? problemLine(problem) : "", stderr: `${sentence}\n` };
}

/** The embedded database has one process: when a server runs on it, that server does the work; otherwise we do. */
async function run(words: readonly string[]): Promise<CommandResult> {
  const source = inputOf(words);
  const config = readConfig();
  const input = await readInput(source);
  const server = config.databaseUrl ? undefined : readServerFile(config.dataDir);
  const answered = server && (await sendCommand(server, words, input));
  if (answered) return answered;
  // A command has ended before it would pay to optimize the embedded database, which takes a third of its time.
  for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);
  const { deps, delivery, close } = await layFoundation(config);
  try {
    const result = await runCommand(deps, words, [input]);
    // Without a mail server here, mails wait for the server that has one: kept in a mailbox that nobody opens they would be lost.
    if (!config.databaseUrl && config.smtpUrl) await workUntilIdle(deps, delivery);
    return result;
  } finally {
    await close();
  }
}

/** A file is one of the person who types, not of the server: it is read here, whoever does the work. */
async function readInput(source: InputSource | undefined): Promise<Buffer> {
  if (source === undefined) return Buffer.alloc(0);
  if (source.kind === "password" && process.stdin.isTTY) return askForPassword();
  const file = source.kind === "password" ? "-" : source.path;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > LARGEST_INPUT_BYTES) break;
    }
  } catch (error) {
    throw new OperatorError(`${file} cannot be read: ${messageOf(error)}`, error);
  }
  return Buffer.concat(chunks);
}

/** Nothing of it is shown, and no history of the shell keeps it. */
async function askForPassword(): Promise<Buffer> {
  process.stderr.write("Temporary password (it is not shown): ");
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  const password = await lines.question("");
  lines.close();
  process.stderr.write("\n");
  return Buffer.from(password);
}
