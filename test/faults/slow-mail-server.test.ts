import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { after, before, suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { createInstance } from "#operator/create-instance.ts";
import type { MailTransport } from "#platform/mail/mail-transport.ts";
import { SMTP_CONNECTIONS, smtpTransport } from "#platform/mail/smtp-transport.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { openEmptyDatabase } from "../support/empty-database.ts";
import { TestClock } from "../support/clock.ts";
import { TestInstance } from "../support/test-instance.ts";
import { type SmtpSink, startSmtpSink } from "../support/smtp-sink.ts";
import { type Row, rowsOf, untilIdle } from "../support/tables.ts";
import type { Foundation } from "../../src/foundation.ts";
import { startWorker } from "../../src/worker.ts";

const LONGEST_MS = 200;
const PEOPLE = SMTP_CONNECTIONS + 2;

/** What a mail server may do instead of coming to the point. Of those that speak, each word begins a limit on silence anew. */
const MANNERS: Readonly<Record<string, (socket: Socket) => void>> = {
  "takes connections and says nothing": () => {},
  "greets without an end": (socket) => drip(socket, "220-patience\r\n"),
  "greets and says nothing more": (socket) => void socket.write("220 slow ESMTP\r\n"),
  "answers without an end": (socket) => {
    socket.write("220 slow ESMTP\r\n");
    socket.once("data", () => drip(socket, "250-patience\r\n"));
  },
};

suite("A mail server", () => {
  let foundation: Foundation;
  let slow: SlowServer;
  let sink: SmtpSink;
  const clock = new TestClock();

  before(async () => {
    [foundation, sink] = await Promise.all([openEmptyDatabase(), startSmtpSink()]);
    slow = await SlowServer.before(sink);
  });
  after(async () => {
    await Promise.all([foundation.close(), slow.close()]);
    await sink.close();
  });

  for (const [name, behave] of Object.entries(MANNERS)) {
    test(`that ${name} holds no mail for ever: all are tried again, and each arrives once`, async () => {
      const oak = await createOak(`https://${name.replaceAll(" ", "-")}.example`);
      const people = await Promise.all(Array.from({ length: PEOPLE }, () => oak.addUser({ password: null })));
      for (const user of people) await sendResetLink(oak.deps, oak.scope, { userId: user.id });
      slow.behave(behave);
      await whileWorking(oak, smtpTransport(slow.url, { longestConversationMs: LONGEST_MS }), async () => {
        for (const { state, answer } of await untilAllTried(oak)) {
          assert.equal(state, "queued");
          assert.match(String(answer), /time/i);
        }
      });
      slow.behave(undefined);
      clock.advance(MINUTE_MS);
      await whileWorking(oak, smtpTransport(slow.url), () => untilIdle(oak));
      for (const user of people) assert.equal(oak.linksTo(user).length, 1);
    });

    test(`that ${name} keeps no program from starting`, async () => {
      slow.behave(behave);
      const transport = smtpTransport(slow.url, { longestConversationMs: LONGEST_MS });
      const startedAt = performance.now();
      const fault = await transport.findFault();
      assert(performance.now() - startedAt < 5 * SECOND_MS);
      assert.match(String(fault), /time/i);
      transport.close();
    });
  }

  async function createOak(origin: string): Promise<TestInstance> {
    const deps = { ...foundation.deps, clock };
    const ada = { email: "ada@oak.example", firstName: "Ada", lastName: "Okafor" };
    const { instance, owner } = await createInstance(deps, { name: "Oak Recovery", origin, owner: ada });
    return new TestInstance({ deps, base: "", sink, instance, owner: { ...owner, password: undefined } });
  }

  async function whileWorking(oak: TestInstance, transport: MailTransport, work: () => Promise<void>): Promise<void> {
    const worker = startWorker(oak.deps, { ...foundation.delivery, transport });
    try {
      await work();
    } finally {
      await worker.stop();
      transport.close();
    }
  }
});

/** Every mail has been tried at least once. */
async function untilAllTried(oak: TestInstance): Promise<readonly Row[]> {
  const deadline = AbortSignal.timeout(MINUTE_MS);
  for (;;) {
    const mails = await rowsOf(oak, "emails");
    if (mails.every(({ answer }) => answer !== null)) return mails;
    deadline.throwIfAborted();
    await pause(20);
  }
}

function drip(socket: Socket, word: string): void {
  const timer = setInterval(() => socket.write(word), 20);
  socket.once("close", () => clearInterval(timer));
}

/** A mail server before another one: it misbehaves as it is told to, or passes everything on. */
class SlowServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #behave: ((socket: Socket) => void) | undefined;

  private constructor(sink: SmtpSink) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      if (this.#behave) return this.#behave(socket);
      const onward = connect(Number(new URL(sink.url).port), "127.0.0.1");
      onward.on("error", () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
  }

  static async before(sink: SmtpSink): Promise<SlowServer> {
    const slow = new SlowServer(sink);
    await once(slow.#server.listen(0, "127.0.0.1"), "listening");
    return slow;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param manner undefined to pass everything on. */
  behave(manner: ((socket: Socket) => void) | undefined): void {
    this.#behave = manner;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
