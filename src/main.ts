import { readConfig } from "./config.ts";
import { runProgram } from "./program.ts";
import { type RunningServer, startServer } from "./server.ts";

await runProgram(async () => {
  const config = readConfig();
  const server = await startServer(config);
  announce(server, config.smtpUrl === undefined);
  return server;
});

/** The last line is the one that scripts wait for. */
function announce({ origin, ownerLink, mailFault }: RunningServer, hasMailbox: boolean): void {
  if (ownerLink) process.stdout.write(`Set the Owner's password with this link, which works once:\n${ownerLink}\n`);
  if (hasMailbox) process.stdout.write(`No SMTP_URL is set: mails go to the built-in mailbox at ${origin}/mailbox\n`);
  if (mailFault)
    process.stdout.write(
      `The mail server of SMTP_URL does not answer (${mailFault}). Mails wait and are tried again.\n`,
    );
  process.stdout.write(`Rekey is ready at ${origin}\n`);
}
