import assert from "node:assert/strict";
import { afterEach, beforeEach, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import type { CookieJar } from "../../test/support/http.ts";
import { type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { openLink } from "../../test/support/reset-link.ts";
import { passTimeUntilIdle, type Row, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

interface RecoveryAnswer {
  readonly id: string;
  readonly state: string;
  readonly expires_at: string | null;
  readonly timeline: readonly { readonly event: string; readonly detail: Readonly<Record<string, unknown>> }[];
}

suite("A mail with a link", () => {
  let oak: TestInstance;
  let maria: TestUser;
  let admin: CookieJar;

  beforeEach(async () => {
    oak = await rekey.createInstance();
    maria = await oak.addUser();
    admin = await oak.asOwner();
  });
  afterEach(() => {
    rekey.sink.answer(() => undefined);
    rekey.clock.run();
  });

  test("that the server defers is tried again with growing waits, as the same mail with the same link", async () => {
    const attempts: string[] = [];
    rekey.sink.answer(({ verb, to, raw }) => {
      if (verb !== "DATA" || !to.includes(maria.email)) return undefined;
      attempts.push(String(raw));
      return attempts.length <= 4 ? "451 4.7.1 Greylisted, try again" : undefined;
    });
    rekey.clock.freezeAt(rekey.clock.now());
    const { id } = await send();
    for (const [attempt, waitMs] of [5, 10, 20, 40].map((seconds) => seconds * SECOND_MS).entries()) {
      const [mail] = await untilAttempt(attempt + 1);
      const until = new Date(String(mail?.next_attempt_at)).getTime() - rekey.clock.now().getTime();
      assert(until >= waitMs * 0.9 && until <= waitMs * 1.1, `waits ${until} ms after attempt ${attempt + 1}`);
      const { state, expires_at: expiresAt, timeline } = await read(id);
      assert.deepEqual([state, expiresAt], ["queued", null], "no life begins before acceptance");
      const last = timeline.at(-1);
      assert.equal(last?.event, "deferred");
      assert.match(String(last?.detail.answer), /^451 4\.7\.1 Greylisted/);
      rekey.clock.advance(until - 1);
      await pause(20);
      assert.equal(attempts.length, attempt + 1, "not a millisecond early");
      rekey.clock.advance(1);
      oak.deps.wakeWorker();
    }
    await untilIdle(oak);
    assert.equal(attempts.length, 5);
    for (const found of [/^Message-ID: (.*)$/im, /^Date: (.*)$/im]) {
      const values = new Set(attempts.map((raw) => found.exec(raw)?.[1]));
      assert(values.size === 1 && !values.has(undefined), [...values].join(", "));
    }
    assert.equal(new Set(attempts.map(tokenOf)).size, 1);
    const { state, expires_at: expiresAt, timeline } = await read(id);
    assert.equal(state, "sent");
    assert.equal(expiresAt, new Date(rekey.clock.now().getTime() + HOUR_MS).toISOString(), "counted from acceptance");
    assert.deepEqual(
      timeline.map(({ event }) => event),
      ["requested", "queued", "deferred", "deferred", "deferred", "deferred", "accepted"],
    );
    assert.equal(oak.linksTo(maria).length, 1);
  });

  test("that the server refuses is failed and not tried again, and the next click sends at once", async () => {
    let refused = 0;
    rekey.sink.answer(({ verb, to }) => {
      if (verb !== "RCPT" || !to.includes(maria.email)) return undefined;
      refused += 1;
      return "554 5.7.1 Content rejected";
    });
    const { id } = await send();
    await untilIdle(oak);
    const failed = await read(id);
    assert.deepEqual([failed.state, failed.expires_at], ["failed", null]);
    assert.equal(failed.timeline.at(-1)?.event, "failed");
    assert.match(String(failed.timeline.at(-1)?.detail.answer), /554 5\.7\.1 Content rejected/);
    rekey.clock.advance(DAY_MS / 2);
    oak.deps.wakeWorker();
    await pause(50);
    assert.equal(refused, 1);

    admin = await oak.asOwner();
    const second = await send();
    await untilIdle(oak);
    assert.equal(refused, 2, "sent at once");
    rekey.sink.answer(() => undefined);
    await send();
    await untilIdle(oak);
    assert.equal(oak.linksTo(maria).length, 1);
    const states = (await rowsOf(oak, "recoveries")).map(({ state }) => state);
    assert.equal(states.filter((state) => state === "open").length, 1);
    assert.notEqual(second.id, "");
  });

  test("is lost by no outage: all arrive, each once, when the server is back", async () => {
    const people = [maria, ...(await Promise.all([1, 2, 3, 4].map(() => oak.addUser({ password: null }))))];
    await rekey.sink.pause();
    try {
      for (const user of people) {
        const sent = await oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies: admin });
        assert.equal(sent.status, 202, "asking works during the outage");
      }
      for (let minute = 0; minute < 3; minute += 1) {
        rekey.clock.advance(MINUTE_MS);
        oak.deps.wakeWorker();
        await pause(30);
      }
      assert((await rowsOf(oak, "emails")).every(({ state }) => state === "queued"));
    } finally {
      await rekey.sink.resume();
    }
    await passTimeUntilIdle(rekey, oak);
    for (const user of people) {
      const [link, ...others] = oak.linksTo(user);
      assert(link && others.length === 0);
      assert.equal((await openLink(oak, tokenIn(link))).status, 200);
    }
  });

  test("keeps the link alive while it waits, so that an outage does not eat its life, but not beyond the cap", async () => {
    const start = rekey.clock.now();
    rekey.clock.freezeAt(start);
    const token = await oak.mailedToken(maria, admin);
    await untilIdle(oak);
    rekey.clock.advance(HOUR_MS - 1);
    admin = await oak.asOwner();
    rekey.sink.answer(({ to }) => (to.includes(maria.email) ? "451 4.3.2 Busy" : undefined));
    const { id } = await send();
    await untilAttempt(1);
    rekey.clock.freezeAt(new Date(start.getTime() + 2 * HOUR_MS));
    oak.deps.wakeWorker();
    await untilAttempt(2);
    assert.equal((await openLink(oak, token)).status, 200, "a mail with it is on its way");
    rekey.clock.freezeAt(new Date(start.getTime() + DAY_MS));
    assert.equal((await openLink(oak, token)).status, 410, "its cap is reached");
    oak.deps.wakeWorker();
    await untilIdle(oak);
    const mails = (await rowsOf(oak, "emails")).filter(({ recovery_id: of }) => of === id);
    assert.deepEqual(
      mails.map(({ state }) => String(state)).toSorted(byText),
      ["accepted", "dropped"],
      "a dead link is not mailed",
    );
  });

  async function send(): Promise<RecoveryAnswer> {
    const answer = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies: admin });
    assert.equal(answer.status, 202, answer.text);
    return answer.json() as RecoveryAnswer;
  }

  async function read(id: string): Promise<RecoveryAnswer> {
    const answer = await oak.api("GET", `/recoveries/${id}`, { cookies: admin });
    assert.equal(answer.status, 200, answer.text);
    return answer.json() as RecoveryAnswer;
  }

  /** @returns the waiting mails, once this attempt at them has been settled. */
  async function untilAttempt(attempt: number): Promise<readonly Row[]> {
    for (;;) {
      const events = await rowsOf(oak, "recovery_events");
      if (events.filter(({ event }) => event === "deferred").length === attempt) return rowsOf(oak, "emails");
      await pause(5);
    }
  }
});

function tokenOf(raw: string): string | undefined {
  return /\/reset-password\/([\w-]+)/.exec(raw.replaceAll("=\r\n", ""))?.[1];
}

function byText(one: string, other: string): number {
  return one.localeCompare(other);
}
