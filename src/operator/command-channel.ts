import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { traceOf } from "#lib/error-words.ts";
import { newOpaqueId } from "#platform/crypto/id.ts";
import type { ServerFile } from "#platform/database/server-file.ts";
import type { Deps } from "#platform/deps.ts";
import { type CommandResult, runCommand } from "./commands.ts";

export interface CommandChannel {
  readonly address: Pick<ServerFile, "commandUrl" | "token">;
  close(): Promise<void>;
}

/** The words of a command travel in a header, percent-encoded JSON; what it reads is the body, so that it need not be held whole. */
const WORDS_HEADER = "rekey-command";

const COMMAND_FAILED = "Something went wrong on our side; the log of the server says what it was.";

/**
 * The server that holds the embedded database takes commands from the command line: on loopback, with a token that only
 * who may read the data directory knows.
 */
export async function listenForCommands(deps: Deps): Promise<CommandChannel> {
  const token = newOpaqueId();
  const server = createServer((request, response) => {
    answer(deps, token, request, response).catch((error: unknown) => {
      // A command that fails must not take the server with it.
      deps.log.error("a command failed", { error: traceOf(error) });
      const result: CommandResult = { exitCode: 1, stdout: "", stderr: `${COMMAND_FAILED}\n` };
      response.end(JSON.stringify(result));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { commandUrl: `http://127.0.0.1:${port}/`, token },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Has the running server do a command.
 * @param input what the command reads; empty for most.
 * @returns undefined when no server answers there any more.
 */
export async function sendCommand(
  server: ServerFile,
  argv: readonly string[],
  input: Uint8Array,
): Promise<CommandResult | undefined> {
  try {
    const response = await fetch(server.commandUrl, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${server.token}`,
        [WORDS_HEADER]: encodeURIComponent(JSON.stringify(argv)),
      },
      body: new Uint8Array(input),
    });
    return response.ok ? ((await response.json()) as CommandResult) : undefined;
  } catch {
    return undefined;
  }
}

async function answer(deps: Deps, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isOurs = request.method === "POST" && isSame(request.headers.authorization ?? "", `Bearer ${token}`);
  if (!isOurs) {
    response.writeHead(401).end();
    return;
  }
  const argv: unknown = JSON.parse(decodeURIComponent(String(request.headers[WORDS_HEADER])));
  // Left half read, it must not take the connection with it on which the answer goes.
  const input: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  const result = await runCommand(deps, Array.isArray(argv) ? argv.map(String) : [], input);
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(result));
}

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
