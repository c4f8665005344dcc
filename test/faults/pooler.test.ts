import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";

import { sql } from "kysely";

import { followEvents } from "../support/event-stream.ts";
import { type Pooler, startPgBouncer } from "../support/pgbouncer.ts";
import { newEnvironment } from "../support/program.ts";
import { type TestRekey, startRekey, testRekey, tokenIn } from "../support/rekey.ts";
import { NEW_PASSWORD, redeem } from "../support/reset-link.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { openedTicket } from "../support/ticket.ts";
import { untilIdle } from "../support/tables.ts";

const isEmbedded = (await testRekey()).shareable === undefined;

/** More at once than the pooler has connections to the server. */
const PEOPLE = 30;
/** Where nothing is heard, it is looked every five seconds. */
const LOOKED_WITHIN_MS = 8_000;

suite("Behind a pooler that gives each transaction another connection", {
  skip: isEmbedded && "the embedded database has no connections",
}, () => {
  let pooler: Pooler;
  let sink: SmtpSink;
  let rekey: TestRekey;

  before(async () => {
    const environment = await newEnvironment();
    pooler = await startPgBouncer(String(environment["DATABASE_URL"]));
    sink = await startSmtpSink();
    rekey = await startRekey({ ...environment, DATABASE_URL: pooler.url, SMTP_URL: sink.url }, sink);
  });
  after(async () => {
    await rekey?.server.close();
    await sink?.close();
    await pooler?.stop();
  });

  test("people are let back in, many at once, and nothing fails", async () => {
    const oak = await rekey.createInstance();
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => oak.addUser()));
    const cookies = await oak.asOwner();
    const sent = await Promise.all(
      people.map(({ id }) => oak.api("POST", `/users/${id}/reset-links`, { json: {}, cookies })),
    );
    assert.deepEqual(
      sent.map(({ status }) => status),
      people.map(() => 202),
    );
    await untilIdle(oak);
    const redeemed = await Promise.all(
      people.map(async (person) => redeem(oak, tokenIn(await oak.mailTo(person.email)))),
    );
    assert.deepEqual(
      redeemed.map(({ status }) => status),
      people.map(() => 204),
    );
    await Promise.all(people.map((person) => oak.signIn(person, NEW_PASSWORD)));
    assert.deepEqual(
      rekey.log.filter((line) => /"level":"(warn|error)"/.test(line)),
      [],
    );
    assert(rekey.log.some((line) => line.includes("through a pooler of transactions")));
  });

  test("pages follow what happens and what is said though no notification comes through", async () => {
    const oak = await rekey.createInstance();
    const [owner, maria] = [await oak.asOwner(), await oak.addUser()];
    const { id } = await openedTicket(oak, maria);
    await untilIdle(oak);
    const isTold = async (act: () => Promise<unknown>): Promise<void> => {
      const page = await followEvents(oak, "/changes", owner);
      await page.untilOpen();
      await act();
      await page.until((events) => events.some(({ event }) => event === "change"), LOOKED_WITHIN_MS);
      page.end();
      await untilIdle(oak);
    };
    const json = { text: "Look into Spam" };
    await isTold(() => oak.api("POST", `/tickets/${id}/messages`, { json, cookies: owner }));
    await isTold(() => oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: owner }));
  });

  test("each transaction is in its own instance and has the limits of its own", async () => {
    const { db } = rekey.deps;
    const [oak, pine] = [await rekey.createInstance(), await rekey.createInstance("Pine House")];
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, number) => {
        const { id } = (number % 2 === 0 ? oak : pine).instance;
        return db.inInstance(id, async (tx) => {
          const { rows } = await sql<{ ids: string[]; wait: string; longest: string }>`
            select array_agg(distinct instance_id) as ids, current_setting('lock_timeout') as wait,
              current_setting('statement_timeout') as longest from users`.execute(tx);
          return { expected: { ids: [id], wait: "10s", longest: "30s" }, actual: rows[0] };
        });
      }),
    );
    for (const { expected, actual } of seen) assert.deepEqual(actual, expected);
  });
});
