import { connect as connectSocket, isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, TLSSocket } from "node:tls";

import { SECOND_MS } from "#lib/clock.ts";
import type { SmtpServer } from "./smtp-server.ts";

/** What a mail server answered to one command. */
export interface Reply {
  readonly code: number;
  /** Its words, one line, with the code. */
  readonly text: string;
  readonly lines: readonly string[];
}

/** How the conversation is encrypted, and why a client should not trust it, if it should not. */
export interface Encryption {
  readonly protocol: string;
  readonly certificate: PeerCertificate;
  /** A code of Node's or OpenSSL's, such as `CERT_HAS_EXPIRED`. */
  readonly fault: string | undefined;
}

/** The server said nothing that makes sense, or nothing at all. Its message is fit to be shown. */
export class SmtpFault extends Error {}

const LONGEST_REPLY_MS = 10 * SECOND_MS;
const LONGEST_REPLY_CHARACTERS = 64 * 1024;
/** One reply, its last line without a hyphen behind the code (RFC 5321, section 4.2.1). */
const REPLY = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/;

/**
 * A conversation with a mail server, one command at a time, to find out what it would do; mails go through the transport.
 * Every step that gets no answer in time throws an `SmtpFault`.
 */
export class SmtpConversation {
  readonly #server: SmtpServer;
  readonly #longestReplyMs: number;
  #socket: Socket;
  #received = "";
  #fault: SmtpFault | undefined;
  #wake = (): void => {};

  private constructor(server: SmtpServer, socket: Socket, longestReplyMs: number) {
    this.#server = server;
    this.#socket = socket;
    this.#longestReplyMs = longestReplyMs;
    this.#listen();
  }

  /** The server has greeted; with `smtps` the conversation is encrypted, whoever the server may be. */
  static async open(server: SmtpServer, longestReplyMs = LONGEST_REPLY_MS): Promise<SmtpConversation> {
    const { host, port, isSecure } = server;
    const socket = isSecure ? connectTls({ port, ...tlsOptions(server) }) : connectSocket({ host, port });
    const conversation = new SmtpConversation(server, socket, longestReplyMs);
    await conversation.#until(socket, isSecure ? "secureConnect" : "connect");
    const greeting = await conversation.#reply();
    if (greeting.code === 220) return conversation;
    conversation.close();
    throw new SmtpFault(`it greets with "${greeting.text}"`);
  }

  /** Says one line and waits for the answer. */
  async say(line: string): Promise<Reply> {
    if (/[\r\n]/.test(line)) throw new SmtpFault("a command is one line");
    this.#socket.write(`${line}\r\n`);
    return this.#reply();
  }

  /** Introduces us. @returns what the server offers, such as `STARTTLS` and `AUTH PLAIN LOGIN`. */
  async greet(): Promise<readonly string[]> {
    const { code, lines, text } = await this.say(`EHLO ${this.#server.ownName}`);
    if (code !== 250) throw new SmtpFault(`it answers our greeting with "${text}"`);
    return lines.slice(1).map((line) => line.toUpperCase());
  }

  /** From here on everything is encrypted, whoever the server may be; `encryption` says whether to trust it. */
  async startTls(): Promise<void> {
    const { code, text } = await this.say("STARTTLS");
    if (code !== 220) throw new SmtpFault(`it answers STARTTLS with "${text}"`);
    this.#socket.removeAllListeners("data");
    // What came before the encryption is not part of it (RFC 3207, section 6).
    this.#received = "";
    const socket = connectTls({ socket: this.#socket, ...tlsOptions(this.#server) });
    this.#socket = socket;
    this.#listen();
    await this.#until(socket, "secureConnect");
  }

  /** @returns undefined while the conversation can be read by everybody on the way. */
  get encryption(): Encryption | undefined {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket)) return undefined;
    const { authorizationError } = socket as { authorizationError?: unknown };
    const fault = socket.authorized ? undefined : String(authorizationError);
    return { protocol: socket.getProtocol() ?? "TLS", certificate: socket.getPeerCertificate(), fault };
  }

  /** Says goodbye and waits for no answer. */
  close(): void {
    if (this.#socket.writable) this.#socket.end("QUIT\r\n");
    this.#socket.setTimeout(SECOND_MS, () => this.#socket.destroy());
  }

  #listen(): void {
    const fail = (message: string): void => {
      this.#fault ??= new SmtpFault(message);
      this.#wake();
    };
    this.#socket.on("data", (chunk: Buffer) => {
      this.#received += chunk.toString("utf8");
      if (this.#received.length > LONGEST_REPLY_CHARACTERS) fail("it answers without an end");
      this.#wake();
    });
    this.#socket.on("error", (error) => fail(error.message || ("code" in error ? String(error.code) : "unknown")));
    this.#socket.on("close", () => fail("it hung up"));
  }

  async #reply(): Promise<Reply> {
    const deadline = deadlineAfter(this.#longestReplyMs);
    for (;;) {
      const [whole, code] = REPLY.exec(this.#received) ?? [];
      if (whole !== undefined) {
        this.#received = this.#received.slice(whole.length);
        return toReply(whole, Number(code));
      }
      await this.#change(deadline);
    }
  }

  /** The socket has got so far. */
  async #until(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
    let hasHappened = false;
    socket.once(event, () => {
      hasHappened = true;
      this.#wake();
    });
    const deadline = deadlineAfter(this.#longestReplyMs);
    while (!hasHappened) await this.#change(deadline);
  }

  /** Something has happened. @throws SmtpFault when that is the end, or when nothing has in time. */
  async #change(deadline: Promise<"late">): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (!this.#fault && (await Promise.race([promise, deadline])) === "late")
      this.#fault = new SmtpFault(`it does not answer within ${this.#longestReplyMs / SECOND_MS} s`);
    if (!this.#fault) return;
    this.#socket.destroy();
    throw this.#fault;
  }
}

/** The certificate is looked at, not enforced: what is wrong with it is what we came to find out. */
function tlsOptions({ host, tls }: SmtpServer) {
  return { host, ...(isIP(host) === 0 && { servername: host }), ...tls, rejectUnauthorized: false };
}

function toReply(whole: string, code: number): Reply {
  const lines = whole
    .trim()
    .split("\n")
    .map((line) => line.slice(4).trim());
  return {
    code,
    lines,
    text: `${code} ${lines.join(" ")}`
      .replace(/[\s\p{Cc}]+/gu, " ")
      .trim()
      .slice(0, 300),
  };
}

function deadlineAfter(ms: number): Promise<"late"> {
  return new Promise((resolve) => setTimeout(() => resolve("late"), ms).unref());
}
