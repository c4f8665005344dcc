import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { request, CookieJar } from "../support/http.ts";
import { GOOD_PASSWORD } from "../support/newcomer.ts";
import { startPostgres } from "../support/postgres.ts";
import { startProgram } from "../support/program.ts";
import { startSmtpSink } from "../support/smtp-sink.ts";
import type { Finding } from "./finding.ts";
import { type Proxy, startProxy } from "./proxy.ts";

const OWNER = { identifier: "owner@oak.example", password: GOOD_PASSWORD };

/** Whom the list shows beside the Owner. With each more a scanner would have as many forms again to attack. */
const PERSON = { first_name: "Lee", last_name: "Park", email: "lee@oak.example", role: "member", invite: false };

/** The program as it is scanned: on PostgreSQL, with people in it, behind a proxy as an operator would have it. */
export interface ScannedProgram {
  readonly asOwner: Proxy;
  readonly asStranger: Proxy;
  /** Where it listens without any proxy. */
  readonly origin: string;
  /** Somebody who is there, for the addresses that name somebody. */
  readonly userId: string;
  readonly recoveryId: string;
  /** What the database server logged as a mistake in the text of a query: only somebody's input can have put it there. */
  databaseFindings(): readonly Finding[];
  stop(): Promise<void>;
}

/**
 * The program of the folder runs with an Owner and somebody else.
 * @throws Error one plain sentence where it cannot
 */
export async function startScannedProgram(root: string): Promise<ScannedProgram> {
  const postgres = await startPostgres();
  const sink = await startSmtpSink();
  const dataDir = mkdtempSync(path.join(tmpdir(), "rekey-scanned-"));
  const environment = {
    DATABASE_URL: postgres.url,
    REKEY_SECRET: randomBytes(32).toString("base64"),
    REKEY_DATA_DIR: dataDir,
    PORT: "0",
    REKEY_OWNER_EMAIL: OWNER.identifier,
    REKEY_OWNER_PASSWORD: OWNER.password,
    SMTP_URL: sink.url,
    TRUSTED_PROXIES: "127.0.0.1",
  };
  const program = await startProgram(environment, "src/main.ts", root);
  const stop = async (): Promise<void> => {
    await program.stop("SIGTERM");
    await sink.close();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    if (program.origin === undefined) throw new Error(`The program to be scanned did not start: ${program.stderr()}`);
    const { host, port } = new URL(program.origin);
    const upstream = { base: `http://127.0.0.1:${port}`, host };
    const asOwner = await startProxy({ ...upstream, account: OWNER });
    const asStranger = await startProxy(upstream);
    const { userId, recoveryId } = await addPerson(asOwner.origin);
    return {
      asOwner,
      asStranger,
      origin: upstream.base,
      userId,
      recoveryId,
      databaseFindings: () => mistakesIn(readFileSync(path.join(postgres.directory, "log"), "utf8")),
      stop: async () => {
        asOwner.close();
        asStranger.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** They have also been sent a link. */
async function addPerson(origin: string): Promise<{ userId: string; recoveryId: string }> {
  const userId = await post(origin, "/api/v1/users", PERSON);
  return { userId, recoveryId: await post(origin, `/api/v1/users/${userId}/reset-links`, {}) };
}

async function post(origin: string, target: string, json: object): Promise<string> {
  const answer = await request(origin, target, { json, cookies: new CookieJar() });
  if (answer.status >= 300) throw new Error(`The program to be scanned could not be filled: ${answer.text}`);
  return (answer.json() as { id: string }).id;
}

/** Class 42 of the error codes: a syntax error, or a name that there is not (PostgreSQL, appendix A). */
function mistakesIn(log: string): readonly Finding[] {
  const lines = [
    ...log.matchAll(/ (42\w{3}) ERROR: {2}(.*)(?:\n.* (?:DETAIL|HINT|CONTEXT): .*)*(?:\n.* STATEMENT: {2}(.*))?/g),
  ];
  return lines.map(([, code, message = "", statement = ""]) => ({
    by: "database",
    what: `error ${code}`,
    where: statement.replace(/\s+/g, " ").slice(0, 120),
    parameter: "",
    detail: message,
  }));
}
