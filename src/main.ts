import { fstatSync } from "node:fs";

import { isLoopback } from "#lib/origin.ts";
import { type Config, readConfig } from "./config.ts";
import { runProgram } from "./program.ts";
import { type RunningServer, startServer } from "./server.ts";

await runProgram(async () => {
  const config = readConfig();
  const server = await startServer(config);
  const words = [await ownerWords(server), mailWords(server, config), secretWords(server)];
  // The last line is the one that scripts wait for.
  process.stdout.write([...words, `Rekey is ready at ${server.origin}\n`].join(""));
  return server;
});

/** Who reads along at a terminal or a pipe is the operator; a file keeps the link for whoever opens it later. */
async function ownerWords({ copyOwnerLink, waitingOwner }: RunningServer): Promise<string> {
  if (!waitingOwner) return "";
  if (!copyOwnerLink || fstatSync(process.stdout.fd).isFile())
    return `Show the link with which the Owner sets a password: npm run rekey -- reset-link ${waitingOwner} --print\n`;
  return `Set the Owner's password with this link, which works once:\n${await copyOwnerLink()}\n`;
}

function mailWords({ origin, mailFault }: RunningServer, { smtpUrl }: Config): string {
  if (mailFault) return `The mail server of SMTP_URL does not answer (${mailFault}). Mails wait and are tried again.\n`;
  if (smtpUrl !== undefined) return "";
  if (isLoopback(origin)) return `No SMTP_URL is set: mails go to the built-in mailbox at ${origin}/mailbox\n`;
  return "No SMTP_URL is set: NO MAIL LEAVES. They wait until it names a mail server, such as smtp://user:password@host:587\n";
}

function secretWords({ sealedElsewhere }: RunningServer): string {
  if (!sealedElsewhere) return "";
  return `REKEY_SECRET IS ANOTHER than the one with which ${sealedElsewhere.name} was used last: links that were sent under that one do not work, and the record cannot be verified. Put it back, after the new one and a comma if there is to be a new one.\n`;
}
