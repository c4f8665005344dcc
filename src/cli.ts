import { readConfig } from "./config.ts";
import { readServerFile } from "#platform/database/server-file.ts";
import { sendCommand } from "#operator/command-channel.ts";
import { type CommandResult, runCommand, usage } from "#operator/commands.ts";
import { layFoundation } from "./foundation.ts";
import { faultSentence } from "./program.ts";
import { workUntilIdle } from "./worker.ts";

const argv = process.argv.slice(2);

try {
  const result =
    argv.length === 0 || argv.includes("--help")
      ? { exitCode: 2 as const, stdout: "", stderr: `${usage()}\n` }
      : await run(argv);
  process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  process.exitCode = result.exitCode;
} catch (error) {
  process.stderr.write(`${faultSentence(error)}\n`);
  process.exitCode = 1;
}

/** The embedded database has one process: when a server runs on it, that server does the work; otherwise we do. */
async function run(words: readonly string[]): Promise<CommandResult> {
  const config = readConfig();
  const server = config.databaseUrl ? undefined : readServerFile(config.dataDir);
  const answered = server && (await sendCommand(server, words));
  if (answered) return answered;
  const { deps, delivery, close } = await layFoundation(config);
  try {
    const result = await runCommand(deps, words);
    // Without a mail server here, mails wait for the server that has one: kept in a mailbox that nobody opens they would be lost.
    if (!config.databaseUrl && config.smtpUrl) await workUntilIdle(deps, delivery);
    return result;
  } finally {
    await close();
  }
}
