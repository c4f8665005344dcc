import { fstatSync } from "node:fs";

import { isLoopback } from "#lib/origin.ts";
import { readConfig } from "./config.ts";
import { runProgram } from "./program.ts";
import { type RunningServer, startServer } from "./server.ts";

await runProgram(async () => {
  const config = readConfig();
  const server = await startServer(config);
  const owner = await ownerWords(server, config.ownerEmail);
  announce(server, owner, config.smtpUrl === undefined);
  return server;
});

/** Who reads along at a terminal or a pipe is the operator; a file keeps the link for whoever opens it later. */
async function ownerWords({ copyOwnerLink }: RunningServer, email: string): Promise<string> {
  if (!copyOwnerLink) return "";
  if (fstatSync(process.stdout.fd).isFile())
    return `Show the link with which the Owner sets a password: npm run rekey -- reset-link ${email} --print\n`;
  return `Set the Owner's password with this link, which works once:\n${await copyOwnerLink()}\n`;
}

function mailboxWords(origin: string): string {
  if (isLoopback(origin)) return `mails go to the built-in mailbox at ${origin}/mailbox`;
  return "NO MAIL LEAVES: they wait until it names a mail server, such as smtp://user:password@host:587";
}

/** The last line is the one that scripts wait for. */
function announce({ origin, mailFault }: RunningServer, owner: string, hasMailbox: boolean): void {
  process.stdout.write(owner);
  if (hasMailbox) process.stdout.write(`No SMTP_URL is set: ${mailboxWords(origin)}\n`);
  if (mailFault)
    process.stdout.write(
      `The mail server of SMTP_URL does not answer (${mailFault}). Mails wait and are tried again.\n`,
    );
  process.stdout.write(`Rekey is ready at ${origin}\n`);
}
