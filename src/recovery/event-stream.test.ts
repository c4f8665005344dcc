import assert from "node:assert/strict";
import { after, before, beforeEach, suite, test } from "node:test";

import { followEvents } from "../../test/support/event-stream.ts";
import { CookieJar } from "../../test/support/http.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { redeem } from "../../test/support/reset-link.ts";
import { type SecondProcess, startSecondProcess } from "../../test/support/second-process.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

suite("The timeline of a recovery, live", () => {
  let oak: TestInstance;
  let maria: TestUser;
  let admin: CookieJar;
  let second: SecondProcess | undefined;
  before(async () => (second = await startSecondProcess(rekey)));
  after(() => second?.stop());
  beforeEach(async () => {
    oak = await rekey.createInstance();
    maria = await oak.addUser();
    admin = await oak.asOwner();
  });

  test("is streamed from its beginning, and each step at once, in whichever process it happens", async () => {
    const id = await send();
    await untilIdle(oak);
    const stream = await followEvents(oak, `/api/v1/recoveries/${id}/events`, admin);
    assert.match(String(stream.answer.headers["content-type"]), /^text\/event-stream/);
    assert.equal(stream.answer.headers["cache-control"], "no-store");
    await stream.until((events) => events.some(({ event }) => event === "accepted"));
    assert.deepEqual(
      stream.events.map(({ event }) => event),
      ["requested", "queued", "accepted"],
    );
    const elsewhere = second ? oak.at(second.base) : oak;
    await redeem(elsewhere, await oak.mailedToken(maria, admin), "amber compass willow station");
    await stream.until((events) => events.some(({ event }) => event === "completed"));
    const completed = stream.events.find(({ event }) => event === "completed");
    assert.deepEqual(Object.keys(completed?.data ?? {}), ["event", "at", "detail"]);
    stream.end();

    const resumed = await followEvents(oak, `/api/v1/recoveries/${id}/events`, admin, stream.events[1]?.id);
    await resumed.until((events) => events.length > 0);
    assert.equal(resumed.events[0]?.event, "accepted", "goes on after the last one that was seen");
    resumed.end();
  });

  test("tells pages of every change, and of nothing that another instance does", async () => {
    const pine = await rekey.createInstance("Pine House");
    const stream = await followEvents(oak, "/changes", admin);
    const other = await followEvents(pine, "/changes", await pine.asOwner());
    await stream.untilOpen();
    await other.untilOpen();
    await send();
    await stream.until((events) => events.some(({ event }) => event === "change"));
    await untilIdle(oak);
    assert.deepEqual(other.events, []);
    stream.end();
    other.end();
  });

  test("ends with the session, and keeps none alive", async () => {
    const id = await send();
    const stream = await followEvents(oak, `/api/v1/recoveries/${id}/events`, admin);
    await stream.until((events) => events.length > 0);
    await oak.api("DELETE", `/users/${oak.owner.id}/sessions`, {
      cookies: await oak.signIn(await oak.addUser({ role: "owner" })),
    });
    await stream.untilEnd();

    const idle = await oak.asOwner();
    const page = await followEvents(oak, "/changes", idle);
    await page.untilOpen();
    rekey.clock.advance(31 * 60_000);
    await send(await oak.asOwner());
    await page.untilEnd();
    assert.equal((await oak.request("/", { cookies: idle })).status, 401);
  });

  test("ends when the session takes a new id, and goes on for the new id alone", async () => {
    const path = `/api/v1/recoveries/${await send()}/events`;
    const own = await oak.asOwner();
    const copy = new CookieJar();
    copy.set("rekey", own.get("rekey") ?? "");
    const stream = await followEvents(oak, path, own);
    await stream.until((events) => events.length > 0);
    const json = { current_password: GOOD_PASSWORD, new_password: "amber compass willow station" };
    assert.equal((await oak.api("POST", "/session/password", { json, cookies: own })).status, 204);
    await stream.untilEnd();
    assert.equal((await followEvents(oak, path, copy)).answer.statusCode, 401);
    const again = await followEvents(oak, path, own);
    await again.until((events) => events.length > 0);
    again.end();
  });

  test("is for nobody who may not read users, and of nobody else's recovery", async () => {
    const id = await send();
    const member = await oak.signIn(await oak.addUser());
    const pine = await rekey.createInstance("Pine House");
    const stranger = await pine.asOwner();
    for (const [target, cookies, at, status] of [
      [`/api/v1/recoveries/${id}/events`, member, oak, 403],
      [`/api/v1/recoveries/${id}/events`, undefined, oak, 401],
      [`/api/v1/recoveries/${id}/events`, stranger, pine, 404],
      ["/changes", member, oak, 403],
      ["/changes", undefined, oak, 303],
    ] as const) {
      const stream = await followEvents(at, target, cookies);
      assert.equal(stream.answer.statusCode, status, target);
      stream.end();
    }
  });

  async function send(cookies = admin): Promise<string> {
    const answer = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies });
    assert.equal(answer.status, 202, answer.text);
    return (answer.json() as { id: string }).id;
  }
});
