import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { after, before, beforeEach, suite, test } from "node:test";

import { CookieJar } from "../../test/support/http.ts";
import { GOOD_PASSWORD, type TestInstance, testRekey, type TestUser } from "../../test/support/rekey.ts";
import { redeem } from "../../test/support/reset-link.ts";
import { type SecondProcess, startSecondProcess } from "../../test/support/second-process.ts";
import { untilIdle } from "../../test/support/tables.ts";

const rekey = await testRekey();

/** What people notice as a delay. */
const AT_ONCE_MS = 2_000;

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
    const stream = await follow(`/api/v1/recoveries/${id}/events`, admin);
    assert.match(String(stream.answer.headers["content-type"]), /^text\/event-stream/);
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

    const resumed = await follow(`/api/v1/recoveries/${id}/events`, admin, stream.events[1]?.id);
    await resumed.until((events) => events.length > 0);
    assert.equal(resumed.events[0]?.event, "accepted", "goes on after the last one that was seen");
    resumed.end();
  });

  test("tells pages of every change, and of nothing that another instance does", async () => {
    const pine = await rekey.createInstance("Pine House");
    const stream = await follow("/changes", admin);
    const other = await follow("/changes", await pine.asOwner(), undefined, pine);
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
    const stream = await follow(`/api/v1/recoveries/${id}/events`, admin);
    await stream.until((events) => events.length > 0);
    await oak.api("DELETE", `/users/${oak.owner.id}/sessions`, {
      cookies: await oak.signIn(await oak.addUser({ role: "owner" })),
    });
    await stream.untilEnd();

    const idle = await oak.asOwner();
    const page = await follow("/changes", idle);
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
    const stream = await follow(path, own);
    await stream.until((events) => events.length > 0);
    const json = { current_password: GOOD_PASSWORD, new_password: "amber compass willow station" };
    assert.equal((await oak.api("POST", "/session/password", { json, cookies: own })).status, 204);
    await stream.untilEnd();
    assert.equal((await follow(path, copy)).answer.statusCode, 401);
    const again = await follow(path, own);
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
      const stream = await follow(target, cookies, undefined, at);
      assert.equal(stream.answer.statusCode, status, target);
      stream.end();
    }
  });

  async function send(cookies = admin): Promise<string> {
    const answer = await oak.api("POST", `/users/${maria.id}/reset-links`, { json: {}, cookies });
    assert.equal(answer.status, 202, answer.text);
    return (answer.json() as { id: string }).id;
  }

  /** @returns the stream once its headers have come. */
  async function follow(path: string, cookies?: CookieJar, lastEventId?: string, of = oak): Promise<EventStream> {
    const host = new URL(of.instance.origin).host;
    const headers = {
      host,
      accept: "text/event-stream",
      ...(cookies && { cookie: cookies.toString() }),
      ...(lastEventId && { "last-event-id": lastEventId }),
    };
    return new Promise((resolve, reject) => {
      get(`${of.base}${path}`, { headers }, (answer) => resolve(new EventStream(answer))).on("error", reject);
    });
  }
});

interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Server-sent events as they come. */
class EventStream {
  readonly events: SentEvent[] = [];
  readonly answer: IncomingMessage;
  #text = "";
  #wake = (): void => {};

  constructor(answer: IncomingMessage) {
    this.answer = answer;
    answer.setEncoding("utf8");
    answer.on("data", (chunk: string) => {
      this.#text += chunk;
      for (let end = this.#text.indexOf("\n\n"); end !== -1; end = this.#text.indexOf("\n\n")) {
        this.#read(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 2);
      }
      this.#wake();
    });
    answer.on("close", () => this.#wake());
    answer.on("error", () => {}); // Ended by the test.
  }

  isOpen = false;

  /** @throws AssertionError unless what came fits before anybody would notice a delay. */
  async until(fits: (events: readonly SentEvent[]) => boolean): Promise<void> {
    await this.#wait(
      () => fits(this.events),
      () => `came: ${this.events.map(({ event }) => event).join(", ")}`,
    );
  }

  async untilOpen(): Promise<void> {
    await this.#wait(
      () => this.isOpen,
      () => "the stream did not begin",
    );
  }

  async untilEnd(): Promise<void> {
    await this.#wait(
      () => this.answer.closed,
      () => "the stream did not end",
    );
  }

  end(): void {
    this.answer.destroy();
  }

  async #wait(isDone: () => boolean, words: () => string): Promise<void> {
    const deadline = AbortSignal.timeout(AT_ONCE_MS);
    while (!isDone()) {
      assert(!deadline.aborted, words());
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  #read(text: string): void {
    const fields = new Map(
      text.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    );
    this.isOpen = true;
    const event = fields.get("event");
    if (event === undefined) return;
    const data = fields.get("data") ?? "";
    this.events.push({ id: fields.get("id") ?? "", event, data: data.startsWith("{") ? JSON.parse(data) : data });
  }
}
