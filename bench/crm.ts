import { Agent, type IncomingMessage, request as send } from "node:http";
import { text } from "node:stream/consumers";

import { hashPassword } from "#credentials/password-hash.ts";
import { OPERATOR } from "#instances/scope.ts";
import { createInstance } from "#operator/create-instance.ts";
import { importUsers } from "#user-import/import-users.ts";
import { readConfig } from "../src/config.ts";
import { layFoundation } from "../src/foundation.ts";
import { freePort } from "../test/support/free-port.ts";
import { emptyEnvironment, type Program, startProgram } from "../test/support/program.ts";

/** Of everybody in it. */
export const PASSWORD = "correct horse battery staple";

/** The program as a process of its own, with people who can sign in. */
export interface Crm {
  readonly base: string;
  readonly program: Program;
}

/** @param people how many there are, each an administrator. */
export async function startCrm(people: number): Promise<Crm> {
  const port = await freePort();
  const environment = { ...(await emptyEnvironment()), PORT: String(port), LOG_LEVEL: "error" };
  const base = `http://localhost:${port}`;
  const foundation = await layFoundation(readConfig(environment));
  const owner = { email: "ada@oak.example", firstName: "Ada", lastName: "Okafor" };
  const { instance } = await createInstance(foundation.deps, { name: "Oak Recovery", origin: base, owner });
  const hash = await hashPassword(PASSWORD);
  const rows = Array.from(
    { length: people },
    (_, person) => `${addressOf(person)},Kim,Nguyen${person},Admin,"${hash}"`,
  );
  const content = [Buffer.from(["Email Address,First Name,Last Name,Role,Password Hash", ...rows].join("\n"))];
  await importUsers(foundation.deps, { instance, actor: OPERATOR, request: undefined }, { content, invite: false });
  await foundation.close();
  return { base, program: await startProgram(environment) };
}

export function addressOf(person: number): string {
  return `p${person}@oak.example`;
}

const agent = new Agent({ keepAlive: true });

interface Call {
  readonly json?: unknown;
  readonly cookie?: string | undefined;
  /** The address of this machine that the connection comes from. */
  readonly from?: string;
}

/** @returns the status of the answer, and what its cookies would be sent back as. */
export async function call(base: string, path: string, { json, cookie, from }: Call = {}) {
  const outgoing = send(new URL(path, base), {
    agent,
    method: json === undefined ? "GET" : "POST",
    headers: { ...(json !== undefined && { "content-type": "application/json" }), ...(cookie && { cookie }) },
    ...(from && { localAddress: from }),
  });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing
    .on("response", resolve)
    .on("error", reject)
    .end(json === undefined ? undefined : JSON.stringify(json));
  const response = await promise;
  await text(response);
  const cookies = (response.headers["set-cookie"] ?? []).map((line) => line.split(";")[0] ?? "");
  return { status: response.statusCode, cookies };
}

/** @returns how long each call took, in ms, one after another with a pause between them until the signal. */
export async function watch(
  everyMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<readonly number[]> {
  const waits: number[] = [];
  while (!signal.aborted) {
    const startedAt = performance.now();
    await work();
    waits.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return waits;
}

/** @returns what this share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other).at(Math.floor(values.length * share)) ?? Number.NaN;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
