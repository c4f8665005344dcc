import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { hashPassword } from "#credentials/password-hash.ts";
import { demoTransport } from "#demo/demo-transport.ts";
import { fillInstance } from "#demo/fill-instance.ts";
import { DEMO_PASSWORD, tryElsewhere } from "#demo/acts.ts";
import { OAK } from "#demo/oak-recovery.ts";
import { PINE } from "#demo/pine-house.ts";
import { readDemoConfig } from "./config.ts";
import type { Foundation } from "./foundation.ts";
import { runProgram } from "./program.ts";
import { type RunningServer, startServer } from "./server.ts";

await runProgram(async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "rekey-demo-"));
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const config = readDemoConfig(dataDir);
  const server = await startServer(config, { transport: demoTransport }, fillDemo);
  announce(server);
  return server;
});

/** Two companies, told apart by host. */
async function fillDemo({ deps, delivery }: Foundation, defaultOrigin: string) {
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  const pineOrigin = defaultOrigin.replace("//localhost", "//pine.localhost");
  const oak = { name: "Oak Recovery", origin: defaultOrigin, mailDomain: "oak.example", people: OAK };
  const pine = { name: "Pine House", origin: pineOrigin, mailDomain: "pine.example", people: PINE };
  const instance = await fillInstance(deps, delivery, oak, passwordHash);
  await fillInstance(deps, delivery, pine, passwordHash);
  await tryElsewhere(deps, instance, "george.sims");
  return { instance, waitingOwner: undefined, copyOwnerLink: undefined };
}

function announce({ origin }: RunningServer): void {
  const pine = origin.replace("//localhost", "//pine.localhost");
  process.stdout.write(`
This is a demo on throwaway data: two companies, forty people, every mail in the built-in mailbox.

  Oak Recovery   ${origin}
  Pine House     ${pine}

Sign in with any of these; the password is the same for all: ${DEMO_PASSWORD}

  dana.whitfield   Admin at both companies; start here
  olivia.reed      Owner of Oak Recovery
  sofia.marin      Support: may send links, no more
  tom.wu           Member: administers nothing
  peter.lindqvist  Owner of Pine House

Then: Settings > CRM Settings > Manage Users > the name > More > Send Reset Link, and read the mail at ${origin}/mailbox

Rekey is ready at ${origin}
`);
}
