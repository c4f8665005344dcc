import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { MINUTE_MS } from "#lib/clock.ts";
import type { Answer, CookieJar } from "../../test/support/http.ts";
import { times } from "../../test/support/numbers.ts";
import { type TestInstance, testRekey, type TestUser, tokenIn } from "../../test/support/rekey.ts";
import { type Row, rowsOf, untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

const CLICKS = 20;
const PEOPLE = times({ quick: 6, full: 40 });

suite("M8: many clicks on Send Reset Link", () => {
  for (const [where, click] of Object.entries({ "the page": clickOnPage, "the API": callApi })) {
    test(`send one mail in the same second through ${where}, and every click is answered, shown and recorded`, async () => {
      const oak = await rekey.createInstance();
      const maria = await oak.addUser();
      const admin = await oak.asOwner();
      const answers = await Promise.all(Array.from({ length: CLICKS }, () => click(oak, maria, admin)));
      for (const { status, text } of answers) assert(status === 200 || status === 202, text);
      await untilIdle(oak);
      assert.equal(oak.linksTo(maria).length, 1);
      assert.equal((await rowsOf(oak, "notifications")).length, CLICKS);
      assert.equal((await requests(oak, maria)).length, CLICKS);
      const sent = (await rowsOf(oak, "recoveries")).filter(({ user_id: id }) => id === maria.id);
      assert.equal(sent.length, 1, "one recovery");
    });
  }

  test("send no mail within a minute of the last, and after it the same link again", async () => {
    const oak = await rekey.createInstance();
    const maria = await oak.addUser();
    const admin = await oak.asOwner();
    rekey.clock.freezeAt(rekey.clock.now());
    try {
      for (const [waitMs, mails] of [
        [0, 1],
        [MINUTE_MS - 1, 1],
        [1, 2],
        [MINUTE_MS - 1, 2],
        [1, 3],
      ] as const) {
        rekey.clock.advance(waitMs);
        assert.equal((await callApi(oak, maria, admin)).status, 202);
        await untilIdle(oak);
        assert.equal(oak.linksTo(maria).length, mails, `${mails} mails`);
      }
    } finally {
      rekey.clock.run();
    }
    const found = oak.linksTo(maria);
    assert.equal(new Set(found.map(tokenIn)).size, 1, "one link");
    assert.equal(new Set(found.map(({ message }) => message.messageId)).size, 3, "each mail is one of its own");
    assert.equal((await rowsOf(oak, "notifications")).length, 5);
    assert.equal((await requests(oak, maria)).length, 5);
  });

  // One administrator's clicks wait for one another anyhow, since their resets are counted.
  test("by three people at the desk and the person themselves still send one mail with one link", async () => {
    const oak = await rekey.createInstance();
    const desk = [oak.owner, await oak.addUser({ role: "admin" }), await oak.addUser({ role: "support" })];
    const jars = await Promise.all(desk.map((each) => oak.signIn(each)));
    for (let person = 0; person < PEOPLE; person += 1) {
      const maria = await oak.addUser();
      const answers = await Promise.all([
        ...jars.flatMap((jar) => [callApi(oak, maria, jar), callApi(oak, maria, jar)]),
        oak.api("POST", "/recovery-requests", { json: { identifier: maria.email } }),
      ]);
      for (const { status, text } of answers) assert.equal(status, 202, text);
      await untilIdle(oak);
      assert.equal(oak.linksTo(maria).length, 1);
      assert.equal((await requests(oak, maria)).length, answers.length);
    }
  });
});

function clickOnPage(oak: TestInstance, user: TestUser, cookies: CookieJar): Promise<Answer> {
  return oak.request(`/settings/users/${user.id}/reset-links`, {
    form: { return_to: "/settings/users" },
    headers: { "HX-Request": "true" },
    cookies,
  });
}

function callApi(oak: TestInstance, user: TestUser, cookies: CookieJar): Promise<Answer> {
  return oak.api("POST", `/users/${user.id}/reset-links`, { json: {}, cookies });
}

async function requests(oak: TestInstance, user: TestUser): Promise<readonly Row[]> {
  const events = await rowsOf(oak, "audit_events");
  return events.filter(
    ({ action, result, target_id: id }) => action === "recovery.request" && result === "ok" && id === user.id,
  );
}
