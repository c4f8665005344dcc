import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Finding } from "./finding.ts";

/** Where a program connects to that lets a scanner send it somewhere. */
export interface Endpoint {
  readonly url: string;
  readonly findings: readonly Finding[];
  close(): void;
}

/** Listens on loopback, tells the scanner itself that nobody came, and keeps whoever did come as a finding. */
export async function startEndpoint(): Promise<Endpoint> {
  const findings: Finding[] = [];
  const server = createServer(({ method = "", url = "" }, answer) => {
    const isScanner = url.startsWith("/get_");
    if (!isScanner)
      findings.push({ by: "answers", what: "a request to elsewhere", where: method, parameter: "", detail: url });
    answer.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, findings, close: () => server.close().closeAllConnections() };
}
