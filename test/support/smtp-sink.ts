import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

import PostalMime, { type Email } from "postal-mime";

/** One mail that the sink has accepted. */
export interface SinkMail {
  /** What the client called itself, which tells one from another. */
  readonly client: string;
  /** The return path of the envelope; empty for a bounce. */
  readonly from: string;
  readonly to: readonly string[];
  /** The message byte for byte, as it was before SMTP doubled its leading dots. */
  readonly raw: Buffer;
  readonly message: Email;
}

export interface SinkCommand {
  /** CONNECT: nothing has been said. RCPT: `to` ends with the recipient in question. DATA: the whole message has arrived. */
  readonly verb: "CONNECT" | "AUTH" | "RCPT" | "DATA";
  /** What the client calls itself; empty before it has said so. */
  readonly client: string;
  readonly from: string;
  readonly to: readonly string[];
  /** DATA: the message, which is kept only if it is accepted. */
  readonly raw?: Buffer;
}

/** @returns a reply such as `550 5.1.1 No such user`, or undefined to accept. A promise keeps the client waiting. */
export type SinkAnswer = (command: SinkCommand) => string | undefined | Promise<string | undefined>;

/** A mail server on a loopback port that keeps what it is sent and delivers nothing. */
export class SmtpSink {
  readonly mails: SinkMail[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  #port = 0;
  #answer: SinkAnswer = () => undefined;

  constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {}); // A client that resets the connection must not end the test process.
      socket.on("close", () => this.#sockets.delete(socket));
      this.#converse(socket).catch((error: unknown) => socket.destroy(error instanceof Error ? error : undefined));
    });
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  /** The same with a user and a password, which any will do for. */
  get urlWithSignIn(): string {
    return this.url.replace("//", "//rekey:secret@");
  }

  /** Every later connection, sign-in, RCPT and DATA is answered by this function. */
  answer(answer: SinkAnswer): void {
    this.#answer = answer;
  }

  /** No mail is kept and every command is accepted again. */
  clear(): void {
    this.mails.length = 0;
    this.#answer = () => undefined;
  }

  /**
   * @returns the first mail that fits, among those already here and those to come.
   * @throws Error with the subjects that did come, when none has fitted in time.
   */
  async waitFor(predicate: (mail: SinkMail) => boolean, withinMs = 5_000): Promise<SinkMail> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = this.mails.find(predicate);
      if (found) return found;
      if (deadline.aborted) throw new Error(`No such mail within ${withinMs} ms; there are: ${this.#subjects()}`);
      await this.#change(deadline);
    }
  }

  /** Connections are cut and new ones refused until {@link resume}. */
  async pause(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** The sink answers, on the same port as before. */
  async resume(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address && typeof address === "object") this.#port = address.port;
  }

  /** Nothing listens any more; what arrived stays readable. Repeats safely. */
  async close(): Promise<void> {
    if (this.#server.listening) await this.pause();
  }

  async #converse(socket: Socket): Promise<void> {
    const say = (reply: string): boolean => socket.write(`${reply}\r\n`);
    const lines = readLines(socket);
    let client = "";
    let envelope: { from: string; to: string[] } | undefined;
    const refused = await this.#answer({ verb: "CONNECT", client, from: "", to: [] });
    if (refused) return void socket.end(`${refused}\r\n`);
    say("220 sink ESMTP");
    for await (const line of lines) {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "EHLO") {
        client = line.slice(5);
        say("250-sink\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 26214400");
      } else if (verb === "AUTH") say((await this.#answer({ verb, client, from: "", to: [] })) ?? "235 welcome");
      else if (verb === "HELO" || verb === "NOOP") say("250 ok");
      else if (verb === "QUIT") return void socket.end("221 bye\r\n");
      else if (verb === "RSET") {
        envelope = undefined;
        say("250 ok");
      } else if (verb === "MAIL") {
        envelope = { from: addressIn(line), to: [] };
        say("250 ok");
      } else if (verb === "RCPT" && envelope) {
        const { from, to } = envelope;
        const address = addressIn(line);
        const refusal = await this.#answer({ verb, client, from, to: [...to, address] });
        if (!refusal) to.push(address);
        say(refusal ?? "250 ok");
      } else if (verb === "DATA" && envelope?.to.length) {
        const { from, to } = envelope;
        envelope = undefined;
        say("354 go on");
        const raw = await readMessage(lines);
        const refusal = await this.#answer({ verb, client, from, to, raw });
        if (!refusal) await this.#keep({ client, from, to, raw });
        say(refusal ?? "250 kept");
      } else say(["RCPT", "DATA"].includes(verb) ? "503 bad sequence of commands" : "500 unknown command");
    }
  }

  async #keep(mail: Omit<SinkMail, "message">): Promise<void> {
    this.mails.push({ ...mail, message: await PostalMime.parse(mail.raw) });
    for (const wake of this.#waiting) wake();
  }

  /** A mail has come, or the signal has aborted. */
  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#waiting.delete(resolve);
  }

  #subjects(): string {
    return this.mails.map(({ to, message }) => `"${message.subject ?? ""}" to ${to.join(", ")}`).join("; ") || "none";
  }
}

/** A sink listens on a free loopback port. */
export async function startSmtpSink(): Promise<SmtpSink> {
  const sink = new SmtpSink();
  await sink.resume();
  return sink;
}

/** Yields lines without their ending, however the bytes arrive; latin1 keeps every byte as one character. */
async function* readLines(socket: Socket): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const chunk of socket.setEncoding("latin1")) {
    const lines = (rest + String(chunk)).split("\r\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** @returns the message up to the line with a lone dot (RFC 5321, section 4.5.2). */
async function readMessage(lines: AsyncGenerator<string, void, undefined>): Promise<Buffer> {
  let text = "";
  for (;;) {
    const { value, done } = await lines.next();
    if (done || value === undefined) throw new Error("the client went away within a message");
    if (value === ".") return Buffer.from(text, "latin1");
    text += `${value.startsWith(".") ? value.slice(1) : value}\r\n`;
  }
}

function addressIn(line: string): string {
  const address = /<(.*?)>/.exec(line)?.[1] ?? "";
  return Buffer.from(address, "latin1").toString("utf8"); // SMTPUTF8 (RFC 6531)
}
