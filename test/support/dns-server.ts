import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const TYPES = { A: 1, MX: 15, TXT: 16, AAAA: 28 } as const;
const NXDOMAIN = 3;
/** The name of an answer is that of the question, which begins behind the header (RFC 1035, section 4.1.4). */
const SAME_NAME = Buffer.from([0xc0, 12]);

type Type = keyof typeof TYPES;

/** What the server says of a name: the data of its records by type, an error, or nothing at all. */
export type Zone = Readonly<Record<string, { readonly [T in Type]?: readonly Buffer[] } | "no such name" | "silence">>;

/** A name server on a loopback port, over UDP. Names that it does not know do not exist. */
export class DnsServer {
  readonly #socket: Socket = createSocket("udp4");
  /** How often it was asked. */
  questions = 0;

  static async start(zone: Zone): Promise<DnsServer> {
    const server = new DnsServer();
    server.#socket.on("message", (question, { port, address }) => {
      server.questions += 1;
      const answer = answerTo(question, zone);
      if (answer) server.#socket.send(answer, port, address);
    });
    server.#socket.bind(0, "127.0.0.1");
    await once(server.#socket, "listening");
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }
}

/** @returns the data of a TXT record of these strings. */
export function txt(...strings: readonly string[]): Buffer {
  return Buffer.concat(strings.flatMap((string) => [Buffer.from([string.length]), Buffer.from(string, "latin1")]));
}

/** @returns the data of an MX record; an empty host is the root, which is no host (RFC 7505). */
export function mx(priority: number, host: string): Buffer {
  return Buffer.concat([Buffer.from([priority >> 8, priority & 255]), nameOf(host)]);
}

function answerTo(question: Buffer, zone: Zone): Buffer | undefined {
  const { name, type, end } = readQuestion(question);
  const known = zone[name] ?? "no such name";
  if (known === "silence") return undefined;
  const records = known === "no such name" ? [] : (known[type] ?? []);
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (known === "no such name" ? NXDOMAIN : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question.subarray(12, end), ...records.map((data) => recordOf(type, data))]);
}

function readQuestion(question: Buffer): { name: string; type: Type; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const code = question.readUInt16BE(at + 1);
  const type = (Object.keys(TYPES) as Type[]).find((each) => TYPES[each] === code) ?? "TXT";
  return { name: labels.join(".").toLowerCase(), type, end: at + 5 };
}

function recordOf(type: Type, data: Buffer): Buffer {
  const frame = Buffer.alloc(10);
  frame.writeUInt16BE(TYPES[type], 0);
  frame.writeUInt16BE(1, 2);
  frame.writeUInt16BE(data.length, 8);
  return Buffer.concat([SAME_NAME, frame, data]);
}

function nameOf(host: string): Buffer {
  const labels = host.split(".").filter(Boolean);
  const parts = labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, "latin1")]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}
