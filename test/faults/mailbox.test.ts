import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { MINUTE_MS } from "#lib/clock.ts";
import { jsonLog } from "#platform/log.ts";
import { readConfig } from "../../src/config.ts";
import { startServer } from "../../src/server.ts";
import { request } from "../support/http.ts";
import { emptyEnvironment } from "../support/program.ts";
import { isResetLink, startRekey, type TestInstance, type TestUser } from "../support/rekey.ts";
import { startSmtpSink } from "../support/smtp-sink.ts";
import { rowsOf } from "../support/tables.ts";

const HERE = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === "IPv4" && !each.internal)?.address;

test("the built-in mailbox answers this machine alone, whatever host a request names", async () => {
  const config = readConfig({ ...(await emptyEnvironment()), PORT: "0", HOST: "0.0.0.0" });
  const server = await startServer(config, { log: jsonLog("silent", () => {}) });
  try {
    const host = `localhost:${server.port}`;
    const ask = (address: string, headers = {}) =>
      request(`http://${address}:${server.port}`, "/mailbox", { host, headers });
    assert.equal((await ask("127.0.0.1")).status, 200);
    assert.equal((await ask("127.0.0.1", { "x-forwarded-for": "127.0.0.1" })).status, 404, "through a proxy");
    if (HERE) assert.equal((await ask(HERE)).status, 404, "from the network");
  } finally {
    await server.close();
  }
});

test("without a mail server, what is for people elsewhere waits for one and says so; what the mailbox shows does not", async () => {
  const [environment, sink] = await Promise.all([emptyEnvironment(), startSmtpSink()]);
  const before = await startRekey(environment, sink);
  const here = await before.createInstance("Here");
  const elsewhere = await before.createInstance("Oak Recovery", "https://oak.example");
  const maria = await elsewhere.addUser();
  const waiting = await sendLink(elsewhere, maria);
  assert.equal((await untilAttempted(elsewhere, waiting)).state, "queued");
  const deferral = (await rowsOf(elsewhere, "recovery_events")).find(({ event }) => event === "deferred");
  assert.deepEqual(deferral?.detail, { server: "Rekey", answer: "451 4.3.5 No mail server is set (SMTP_URL)" });
  const kept = await untilAttempted(here, await sendLink(here, await here.addUser()));
  assert(kept.timeline.some(({ event }) => event === "accepted"));
  await before.server.close();

  const after = await startRekey({ ...environment, SMTP_URL: sink.url }, sink);
  after.clock.advance(MINUTE_MS);
  after.deps.wakeWorker();
  await elsewhere.within(after).mailTo(maria.email, isResetLink);
  await after.server.close();
  await sink.close();
});

/** @returns the recovery's number. */
async function sendLink(of: TestInstance, user: TestUser): Promise<string> {
  const answer = await of.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: await of.asOwner() });
  return (answer.json() as { id: string }).id;
}

interface Attempted {
  readonly state: string;
  readonly timeline: readonly { readonly event: string }[];
}

/** @returns the recovery, once its mail was accepted or put off. */
async function untilAttempted(of: TestInstance, id: string): Promise<Attempted> {
  const cookies = await of.asOwner();
  for (;;) {
    const recovery = (await of.api("GET", `/recoveries/${id}`, { cookies })).json() as Attempted;
    if (recovery.timeline.some(({ event }) => event === "accepted" || event === "deferred")) return recovery;
    await pause(10);
  }
}
