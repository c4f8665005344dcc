import type { Server } from "node:http";

import { createAdaptorServer } from "@hono/node-server";

import { findUnknownKey } from "#audit-seals/find-unknown-key.ts";
import type { Instance } from "#instances/instance.ts";
import type { Config } from "./config.ts";
import type { Deps } from "#platform/deps.ts";
import { removeServerFile, writeServerFile } from "#platform/database/server-file.ts";
import { sourceAddressBehind } from "#platform/http/source-address.ts";
import { listen } from "#platform/listen.ts";
import type { MailTransport } from "#platform/mail/mail-transport.ts";
import { loadAssets } from "#ui/assets.ts";
import { createApp } from "./app.ts";
import { listenForCommands } from "#operator/command-channel.ts";
import { type PreparedInstance, prepareFirstInstance } from "#operator/first-start.ts";
import { type Foundation, layFoundation, type Replacements } from "./foundation.ts";
import { receiveBounces } from "./bounces.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface RunningServer {
  /** What the server itself works with, for who fills it with people before the first request. */
  readonly deps: Deps;
  readonly origin: string;
  readonly port: number;
  /** Where reports about undelivered mails are taken, if they are. */
  readonly bouncePort: number | undefined;
  /** Makes the link with which the Owner sets their password, when this start made them without one. */
  readonly copyOwnerLink: (() => Promise<string>) | undefined;
  /** The address of the first instance's Owner, while nobody there has ever had a password. */
  readonly waitingOwner: string | undefined;
  /** An instance whose record was sealed last with a secret that is not known here, if there is one. */
  readonly sealedElsewhere: Instance | undefined;
  /** Why the mail server cannot be reached at start, if it cannot; mails wait then. */
  readonly mailFault: string | undefined;
  /** Answers what has begun, then lets everything go. */
  close(): Promise<void>;
}

/** Sees to it that there is an instance, given where the server listens now. */
type Prepare = (foundation: Foundation, defaultOrigin: string) => Promise<PreparedInstance>;

/** How long requests and mails that are under way may take to end when the server stops. */
const GRACE_MS = 10_000;

/**
 * Rekey runs: it listens, works, and takes commands.
 * @param prepare what fills an empty database; the first instance with its Owner, if left out.
 * @throws OperatorError with a sentence for whoever starts the program; nothing is left open then.
 */
export async function startServer(
  config: Config,
  replacements: Replacements = {},
  prepare: Prepare = ({ deps }, defaultOrigin) => prepareFirstInstance(deps, config, defaultOrigin),
): Promise<RunningServer> {
  const [assets, foundation] = await Promise.all([loadAssets(), layFoundation(config, replacements)]);
  const { deps, delivery } = foundation;
  const app = createApp({
    deps,
    assets,
    sourceAddress: sourceAddressBehind(config.trustedProxies),
    mailbox: config.smtpUrl ? undefined : delivery.kinds,
    metrics: { token: config.metricsToken, mails: delivery.counts },
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  let worker: Worker | undefined;
  try {
    const port = await listen(server, { ...config, variables: "HOST and PORT" });
    // Whatever may not be listened on keeps the first instance from being made: its Owner's link is shown this once.
    const bounces = await receiveBounces(deps, delivery, config.bounces);
    const commands = config.databaseUrl ? undefined : await listenForCommands(deps);
    const { instance, ...owner } = await prepare(foundation, `http://localhost:${port}`);
    const sealedElsewhere = await findUnknownKey(deps);
    worker = startWorker(deps, delivery);
    const { wake, stop } = worker;
    foundation.onWake(wake);
    if (commands) writeServerFile(config.dataDir, { pid: process.pid, origin: instance.origin, ...commands.address });
    return {
      deps,
      origin: instance.origin,
      port,
      bouncePort: bounces?.port,
      ...owner,
      sealedElsewhere,
      mailFault: await delivery.transport.findFault(),
      close: async () => {
        foundation.stop();
        await stopListening(server);
        if (commands) removeServerFile(config.dataDir);
        await commands?.close();
        await bounces?.close();
        await drain(stop, delivery.transport);
        await foundation.close();
      },
    };
  } catch (error) {
    server.close();
    await worker?.stop();
    await foundation.close();
    throw error;
  }
}

/** What is under way may end by itself for a while; then its conversations are ended, and the mails wait for the next start. */
async function drain(stop: () => Promise<void>, transport: MailTransport): Promise<void> {
  const timer = setTimeout(() => transport.close(), GRACE_MS);
  await stop();
  clearTimeout(timer);
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
  });
}
