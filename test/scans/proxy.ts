import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import { type Answer, CookieJar, request, type RequestOptions } from "../support/http.ts";
import { addressOf, type Finding } from "./finding.ts";

/** Well before a sign-in no longer counts as a fresh one. */
const FRESH_MS = 5 * 60_000;

/** What belongs to one connection (RFC 9110, section 7.6.1), and the length of what we read before we pass it on. */
const NOT_PASSED_ON = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"]);

interface Upstream {
  /** Where the program listens. */
  readonly base: string;
  /** What it knows its instance by. */
  readonly host: string;
  /** Who is signed in; left out, a stranger asks. */
  readonly account?: { readonly identifier: string; readonly password: string };
}

/** What stands between a scanner and the program. */
export interface Proxy {
  readonly origin: string;
  /** How often the program answered with each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** The addresses that led to an answer and not to a refusal. */
  readonly addresses: ReadonlySet<string>;
  /** The answers that no request may bring about: those with a status of 500 and above, and those that never came. */
  readonly findings: readonly Finding[];
  close(): void;
}

/**
 * Passes every request on as one of our own pages would send it: it stays signed in whatever the scanner ends, and each comes
 * from a network of its own, so that the limits on who is too fast do not hide what lies behind them.
 */
export async function startProxy(upstream: Upstream): Promise<Proxy> {
  const statuses = new Map<number, number>();
  const addresses = new Set<string>();
  const findings: Finding[] = [];
  const ask = upstream.account ? signedIn(upstream, upstream.account) : asStranger(upstream);
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const where = `${incoming.method} ${addressOf(incoming.url ?? "/")}`;
    try {
      const given = await passOn(incoming, ask);
      statuses.set(given.status, (statuses.get(given.status) ?? 0) + 1);
      if (given.status < 400) addresses.add(where);
      if (given.status >= 500) findings.push(fault(where, `status ${given.status}`, given.text));
      give(outgoing, given);
    } catch (error) {
      findings.push(fault(where, "no answer", String(error)));
      outgoing.destroy();
    }
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = (): void => server.close().closeAllConnections();
  return { origin: `http://127.0.0.1:${port}`, statuses, addresses, findings, close };
}

type Ask = (target: string, options: RequestOptions) => Promise<Answer>;

/** The session is taken up anew when it has ended, or is no longer fresh. */
function signedIn(upstream: Upstream, account: NonNullable<Upstream["account"]>): Ask {
  const ask = asStranger(upstream);
  let session = { cookies: new CookieJar(), signedInAt: 0 };
  let signingIn: Promise<void> | undefined;
  const signIn = async (): Promise<void> => {
    const cookies = new CookieJar();
    const answer = await ask("/api/v1/session", { method: "POST", json: account, cookies });
    if (answer.status !== 200) throw new Error(`The scanner could not be signed in: ${answer.text}`);
    session = { cookies, signedInAt: Date.now() };
    signingIn = undefined;
  };
  const isOver = async (): Promise<boolean> =>
    (await ask("/api/v1/session", { cookies: session.cookies })).status !== 200;
  return async (target, given) => {
    const options = { ...given, headers: withoutCookie(given.headers) };
    if (Date.now() - session.signedInAt > FRESH_MS) await (signingIn ??= signIn());
    const answer = await ask(target, { ...options, cookies: session.cookies });
    if (!saysSignedOut(answer) || !(await isOver())) return answer;
    await (signingIn ??= signIn());
    return ask(target, { ...options, cookies: session.cookies });
  };
}

/** The scanner's own cookies may be those of a session that it has ended. */
function withoutCookie(headers: RequestOptions["headers"] = {}): NonNullable<RequestOptions["headers"]> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "cookie"));
}

function saysSignedOut({ status, headers }: Answer): boolean {
  return status === 401 || Boolean(headers.location?.startsWith("/sign-in"));
}

function asStranger({ base, host }: Upstream): Ask {
  let asked = 0;
  return (target, options) => {
    asked += 1;
    const source = [10, asked >> 16, asked >> 8, asked].map((byte) => byte & 255).join(".");
    const headers = { ...options.headers, "sec-fetch-site": "same-origin", "x-forwarded-for": source };
    return request(base, target, { ...options, host, headers });
  };
}

async function passOn(incoming: IncomingMessage, ask: Ask): Promise<Answer> {
  const { host: _, cookie, "accept-encoding": __, ...headers } = incoming.headers;
  const body = await buffer(incoming);
  return ask(incoming.url ?? "/", {
    method: incoming.method ?? "GET",
    headers: withoutConnection({ ...headers, cookie }),
    ...(body.length > 0 && { body }),
  });
}

function give(outgoing: ServerResponse, { status, headers, text }: Answer): void {
  outgoing.writeHead(status, withoutConnection(headers)).end(text);
}

function withoutConnection(headers: IncomingMessage["headers"]): Record<string, string | string[]> {
  const passed = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || NOT_PASSED_ON.has(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(passed);
}

function fault(where: string, what: string, detail: string): Finding {
  return { by: "answers", what, where, parameter: "", detail };
}
