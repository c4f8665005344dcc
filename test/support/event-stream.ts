import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";

import type { CookieJar } from "./http.ts";
import type { TestInstance } from "./rekey.ts";

/** What people notice as a delay. */
const AT_ONCE_MS = 2_000;

/** @returns a stream of the instance once its headers have come. */
export async function followEvents(
  of: TestInstance,
  path: string,
  cookies?: CookieJar,
  lastEventId?: string,
): Promise<EventStream> {
  const headers = {
    host: of.host,
    accept: "text/event-stream",
    ...(cookies && { cookie: cookies.toString() }),
    ...(lastEventId && { "last-event-id": lastEventId }),
  };
  return new Promise((resolve, reject) => {
    get(`${of.base}${path}`, { headers }, (answer) => resolve(new EventStream(answer))).on("error", reject);
  });
}

interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Server-sent events as they come. */
export class EventStream {
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
  async until(fits: (events: readonly SentEvent[]) => boolean, patienceMs = AT_ONCE_MS): Promise<void> {
    await this.#wait(
      () => fits(this.events),
      () => `came: ${this.events.map(({ event }) => event).join(", ")}`,
      patienceMs,
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

  async #wait(isDone: () => boolean, words: () => string, patienceMs = AT_ONCE_MS): Promise<void> {
    const deadline = AbortSignal.timeout(patienceMs);
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
