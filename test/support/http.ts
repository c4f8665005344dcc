import { type IncomingHttpHeaders, type IncomingMessage, request as send } from "node:http";
import { text } from "node:stream/consumers";

/** A server that says nothing for so long has hung; the test is told which request it was. */
const NO_ANSWER_MS = 30_000;

export interface RequestOptions {
  /** GET, or POST where there is something to send. */
  readonly method?: string;
  /** What the Host header says, when it is not the address that is connected to: Node resolves no `*.localhost`. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as it is. At most one of `body`, `json` and `form`. */
  readonly body?: string | Buffer;
  readonly json?: unknown;
  /** Sent as a browser sends a form; an array repeats its field. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  /** The address of this machine that the connection comes from, such as 127.0.0.7. */
  readonly from?: string;
  /** Its cookies are sent, and those of the answer are kept in it. */
  readonly cookies?: CookieJar;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Every Set-Cookie header, one a piece. */
  readonly setCookies: readonly string[];
  /** @throws SyntaxError when the body is not JSON. */
  json(): unknown;
}

/** @returns the answer to one request on a connection of its own. Redirects are answers like any other. */
export async function request(base: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { type, content } = encodeBody(options);
  const outgoing = send(new URL(path, base), {
    agent: false,
    ...(options.from && { localAddress: options.from }),
    method: options.method ?? (content === undefined ? "GET" : "POST"),
    headers: {
      ...(options.host && { host: options.host }),
      ...(type && { "content-type": type }),
      ...(content !== undefined && { "content-length": Buffer.byteLength(content) }),
      ...(options.cookies?.size && { cookie: options.cookies.toString() }),
      ...lowerCased(options.headers),
    },
  });
  outgoing.setTimeout(NO_ANSWER_MS, () =>
    outgoing.destroy(new Error(`No answer to ${path} within ${NO_ANSWER_MS} ms`)),
  );
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.on("response", resolve).on("error", reject).end(content);
  const response = await promise;
  const received = await bodyOf(response);
  const setCookies = response.headers["set-cookie"] ?? [];
  options.cookies?.store(setCookies);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: received,
    setCookies,
    json: (): unknown => JSON.parse(received),
  };
}

/** @returns the body of an answer; of server-sent events, which end only when somebody goes away, what came first. */
export async function bodyOf(response: IncomingMessage): Promise<string> {
  if (!response.headers["content-type"]?.startsWith("text/event-stream")) return text(response);
  for await (const chunk of response) return String(chunk);
  return "";
}

/** The cookies of one person at one host. Paths and attributes are the business of a real browser. */
export class CookieJar {
  readonly #values = new Map<string, string>();

  get size(): number {
    return this.#values.size;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** The jar holds what these Set-Cookie headers set, and nothing that they expire. */
  store(setCookies: readonly string[]): void {
    for (const setCookie of setCookies) {
      const [pair = "", ...attributes] = setCookie.split(";").map((part) => part.trim());
      const [name = "", ...value] = pair.split("=");
      if (attributes.some(isOver)) this.#values.delete(name);
      else this.#values.set(name, value.join("="));
    }
  }

  /** @returns the value of a Cookie header. */
  toString(): string {
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

function isOver(attribute: string): boolean {
  const [name = "", value = ""] = attribute.split("=");
  if (/^max-age$/i.test(name)) return Number(value) <= 0;
  return /^expires$/i.test(name) && Date.parse(value) <= Date.now();
}

function encodeBody({ body, json, form }: RequestOptions): { type?: string; content?: string | Buffer } {
  if (json !== undefined) return { type: "application/json", content: JSON.stringify(json) };
  if (!form) return body === undefined ? {} : { content: body };
  const pairs = Object.entries(form).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return { type: "application/x-www-form-urlencoded", content: new URLSearchParams(pairs).toString() };
}

function lowerCased(headers: RequestOptions["headers"] = {}): Record<string, string | readonly string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
