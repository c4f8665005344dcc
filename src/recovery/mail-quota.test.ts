import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { STRANGER } from "#instances/scope.ts";
import { queueJob } from "#jobs/queue-job.ts";
import { HOUR_MS, MINUTE_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import { essenceOf } from "../../test/support/essence.ts";
import type { Answer } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { isResetLink, type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { codeOf } from "../../test/support/reset-link.ts";
import { jobsOf, rowsOf, type Row, untilIdle } from "../../test/support/tables.ts";
import { RECOVERY_REQUEST, requestRecovery } from "./request-recovery.ts";

const rekey = await testRekey();

const PER_ADDRESS = 5;
const AT_ONCE_FROM_ONE_SOURCE = 100;
const AT_ONCE_IN_ONE_INSTANCE = 300;
/** Whoever has waited so long is told nothing more; the record has it. */
const PATIENCE_MINUTES = 15;
const PER_ADMINISTRATOR = 3_000;
/** So many the worker takes on together. */
const JOBS_AT_ONCE = 20;

suite("M7: strangers cannot bomb anybody with mails", () => {
  test("M7 one address gets five an hour, in any hour, however often it is asked for, with the same answer each time", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const sentAt: number[] = [];
    const essences = new Set<string>();
    for (let minute = 0; minute < times({ quick: 75, full: 300 }); minute += 1) {
      const answer = await ask(oak, maria.email);
      essences.add(JSON.stringify(essenceOf(answer, [maria.email])));
      await untilIdle(oak);
      while (sentAt.length < oak.linksTo(maria).length) sentAt.push(rekey.clock.now().getTime());
      rekey.clock.advance(MINUTE_MS + 1_000);
    }
    assert(sentAt.length > PER_ADDRESS, "the next hour has its own");
    for (const from of sentAt)
      assert(sentAt.filter((at) => at >= from && at < from + HOUR_MS).length <= PER_ADDRESS, String(sentAt));
    essences.add(JSON.stringify(essenceOf(await ask(oak, "nobody@oak.example"), ["nobody@oak.example"])));
    assert.equal(essences.size, 1);
  });

  test("M7 whoever asks hundreds of times waits behind themselves, and nobody behind them", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const flood = Array.from({ length: 300 }, (_, number) => `nobody${number}@oak.example`);
    await oak.deps.db.inInstance(oak.instance.id, async (tx) => {
      for (const identifier of flood) await queueRequest(oak, tx, { from: "198.51.100.9", identifier });
      await queueRequest(oak, tx, { from: "198.51.100.20", identifier: maria.email });
    });
    oak.deps.wakeWorker();
    await untilIdle(oak);
    const asked = (await rowsOf(oak, "audit_events")).filter(({ action }) => action === "recovery.request");
    assert.equal(asked.length, flood.length + 1);
    const turn = asked.toSorted(byTime).findIndex(({ target_id }) => target_id === maria.id);
    assert(turn >= 0 && turn < JOBS_AT_ONCE, `${turn} before hers`);
  });

  test("M7 one source is slowed down and never locked: what it asks for beyond its share waits for its turn", async () => {
    const oak = await rekey.createInstance();
    const people = await addPeople(oak, AT_ONCE_FROM_ONE_SOURCE + 3);
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      const answers = await Promise.all(people.map(({ email }) => ask(oak, email)));
      assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
      await untilWaiting(oak, 3);
      assert.equal(mailed(oak, people), AT_ONCE_FROM_ONE_SOURCE);
      for (const late of [1, 2, 3]) {
        rekey.clock.advance(2 * MINUTE_MS);
        oak.deps.wakeWorker();
        await untilWaiting(oak, 3 - late);
        assert.equal(mailed(oak, people), AT_ONCE_FROM_ONE_SOURCE + late);
      }
    } finally {
      rekey.clock.run();
    }
    await untilIdle(oak);
  });

  test("M7 one instance is slowed down, too, whatever the sources; an administrator sends meanwhile", async () => {
    const oak = await rekey.createInstance();
    const people = await addPeople(oak, 40);
    const last = await oak.addUser();
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      await writeDown(oak, { key: "self_service_mails", turns: AT_ONCE_IN_ONE_INSTANCE - 20 });
      for (const [index, { email }] of people.entries()) await askFrom(oak, `192.0.2.${index}`, email);
      await untilWaiting(oak, 20);
      assert.equal(mailed(oak, people), 20);
      const admin = await oak.asOwner();
      const sent = await oak.api("POST", `/users/${last.id}/reset-links`, { json: {}, cookies: admin });
      assert.equal(sent.status, 202, sent.text);
      await oak.mailTo(last.email, isResetLink);
      for (let minute = 1; minute <= PATIENCE_MINUTES; minute += 1) {
        rekey.clock.advance(MINUTE_MS);
        oak.deps.wakeWorker();
        await untilTried(oak);
      }
      await untilWaiting(oak, 0, 20 - PATIENCE_MINUTES);
      assert.equal(mailed(oak, people), 20 + PATIENCE_MINUTES);
    } finally {
      rekey.clock.run();
    }
  });

  test("M7 an IPv6 site is one source, whatever addresses it sends from", async () => {
    const oak = await rekey.createInstance();
    const people = await addPeople(oak, 5);
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      const key = "self_service_mails_from:2001:db8:0:7::/64";
      await writeDown(oak, { key, turns: 2 * (AT_ONCE_FROM_ONE_SOURCE - 3) });
      for (const [index, { email }] of people.entries()) await askFrom(oak, `2001:db8::7:${index}:0:0:${index}`, email);
      await untilWaiting(oak, 2);
      assert.equal(mailed(oak, people), 3);
    } finally {
      rekey.clock.run();
    }
  });
});

suite("M7: an administrator's own quota", () => {
  test("is apart, is told with when it ends, and never green", async () => {
    const oak = await rekey.createInstance();
    const [maria, noah] = [await oak.addUser(), await oak.addUser()];
    const owner = await oak.asOwner();
    await writeDown(oak, { key: `mails_by:${oak.owner.id}`, count: PER_ADMINISTRATOR - 1 });
    assert.equal((await send(oak, maria)).status, 202);
    const countGreen = async (): Promise<number> =>
      (await rowsOf(oak, "notifications")).filter(({ kind }) => kind === "success").length;
    const green = await countGreen();
    const refused = await send(oak, noah);
    assert.deepEqual([refused.status, codeOf(refused)], [429, "too_many_requests"]);
    assert(Number(refused.headers["retry-after"]) > 0);
    assert.match((refused.json() as { detail: string }).detail, /so this one was not sent/);
    const page = await oak.request(`/settings/users/${noah.id}/reset-links`, {
      form: { return_to: "/settings/users" },
      headers: { "HX-Request": "true" },
      cookies: owner,
    });
    assert.equal(page.status, 429);
    assert.match(page.text, /so this one was not sent/);
    assert(!page.text.includes("sent successfully"));
    assert.equal(await countGreen(), green);
    assert.equal(oak.linksTo(noah).length, 0);
    const events = (await rowsOf(oak, "audit_events")).filter(({ target_id: id }) => id === noah.id);
    const refusals = events.filter(({ action }) => action === "recovery.request");
    assert.deepEqual(new Set(refusals.map(({ reason }) => reason)), new Set(["too_many_requests"]));

    await ask(oak, noah.email);
    await oak.mailTo(noah.email, isResetLink);
    const other = await oak.signIn(await oak.addUser({ role: "admin" }));
    const kim = await oak.addUser();
    const sent = await oak.api("POST", `/users/${kim.id}/reset-links`, { json: {}, cookies: other });
    assert.equal(sent.status, 202, "another administrator has their own");
    rekey.clock.advance(HOUR_MS);
    assert.equal((await send(oak, kim)).status, 202, "and the hour ends");

    async function send(of: TestInstance, user: TestUser): Promise<Answer> {
      const cookies = await of.asOwner();
      return of.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies });
    }
  });
});

/** So much of a limit is used up: written down, since to send the mails would take minutes. A turn here comes back in a minute. */
async function writeDown(oak: TestInstance, of: { key: string; turns?: number; count?: number }): Promise<void> {
  const { key, turns = 60, count = 1 } = of;
  const endsAt = new Date(rekey.clock.now().getTime() + turns * MINUTE_MS);
  const row = { instance_id: oak.instance.id, key, count, ends_at: endsAt };
  await oak.deps.db.inInstance(oak.instance.id, (tx) => tx.insertInto("rate_limits").values(row).execute());
}

async function addPeople(oak: TestInstance, count: number): Promise<readonly TestUser[]> {
  const people: TestUser[] = [];
  for (let number = 0; number < count; number += 1) people.push(await oak.addUser({ password: null }));
  return people;
}

async function ask(oak: TestInstance, identifier: string): Promise<Answer> {
  const answer = await oak.api("POST", "/recovery-requests", { json: { identifier } });
  oak.deps.wakeWorker();
  return answer;
}

/** What asking leaves for the worker, without waking it. */
async function queueRequest(oak: TestInstance, tx: Tx, of: { from: string; identifier: string }): Promise<void> {
  const { from: sourceAddress, identifier } = of;
  const scope = { instance: oak.instance, actor: STRANGER, request: { id: crypto.randomUUID(), sourceAddress } };
  const at = rekey.clock.now();
  const payload = { identifier, asked_at: at.toISOString(), requestId: scope.request.id, sourceAddress };
  await queueJob(tx, scope, at, { kind: RECOVERY_REQUEST, payload });
}

function byTime(one: Row, other: Row): number {
  return String(one["at"]).localeCompare(String(other["at"]));
}

/** The same from anywhere in the world. */
function askFrom(oak: TestInstance, sourceAddress: string, identifier: string): Promise<void> {
  const scope = { instance: oak.instance, actor: STRANGER, request: { id: crypto.randomUUID(), sourceAddress } };
  return requestRecovery(oak.deps, scope, { identifier });
}

function mailed(oak: TestInstance, people: readonly TestUser[]): number {
  return people.reduce((sum, user) => sum + oak.linksTo(user).length, 0);
}

/** All mails have gone out but those of so many who wait for their turn, and so many were told to the record alone. */
async function untilWaiting(oak: TestInstance, waiting: number, refused = 0): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  for (;;) {
    await untilTried(oak);
    const jobs = await jobsOf(oak);
    const refusals = (await rowsOf(oak, "audit_events")).filter(isRefusedByQuota);
    const isSent = !(await rowsOf(oak, "emails")).some(isQueued); // Also what a job queued after it was seen to be held.
    if (jobs.length === waiting && refusals.length === refused && isSent) return;
    if (deadline.aborted) assert.fail(`${jobs.length} wait, ${refusals.length} refused`);
    await pause(10);
  }
}

/** Everybody whose turn could have come has had their try. */
async function untilTried(oak: TestInstance): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while (!(await jobsOf(oak)).every(hasToWait) || (await rowsOf(oak, "emails")).some(isQueued)) {
    deadline.throwIfAborted();
    await pause(10);
  }
}

function isQueued({ state }: Row): boolean {
  return state === "queued";
}

function hasToWait({ next_attempt_at: at }: Row): boolean {
  return new Date(String(at)) > rekey.clock.now();
}

function isRefusedByQuota({ reason }: Row): boolean {
  return reason === "too_many_requests";
}
