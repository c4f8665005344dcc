import { Duplex } from "node:stream";
import { callbackify } from "node:util";

import type { PGlite } from "@electric-sql/pglite";

type Done = (error?: Error | null) => void;

/**
 * Where node-postgres expects the socket to a server: the embedded database, which works in this thread. What is written together
 * goes there in one piece and is answered at once. One after another may be opened on a database, never two at a time: it has one
 * session, which begins anew with each.
 */
export class EmbeddedSocket extends Duplex {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super();
    this.#pglite = pglite;
  }

  connect(): this {
    const emptied = this.#pglite.exec("rollback").then(() => this.#pglite.exec("discard all"));
    emptied.then(
      () => this.emit("connect"),
      (error: unknown) => this.destroy(error as Error),
    );
    return this;
  }

  // What else a socket has, which means nothing where there is no network.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(message: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(message, done);
  }

  override _writev(messages: readonly { chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(messages.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.push(null);
    done();
  }

  /** The database writes its files as it goes: there is nothing to bring to the disk afterwards. */
  readonly #send = callbackify(async (message: Buffer): Promise<void> => {
    const answer: Buffer[] = [];
    await this.#pglite.execProtocolRawStream(message, {
      syncToFs: false,
      onRawData: (part) => void answer.push(Buffer.from(part)),
    });
    this.push(Buffer.concat(answer));
  });
}
