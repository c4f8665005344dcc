import { callbackify } from "node:util";

import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream } from "smtp-server";

import { traceOf } from "#lib/error-words.ts";
import { listen } from "#platform/listen.ts";
import type { Log } from "#platform/log.ts";

/** A report has the first lines of the mail in it, at most the whole of it. */
const LARGEST_REPORT_BYTES = 1024 * 1024;
const MOST_CLIENTS = 50;
const SILENCE_TIMEOUT_MS = 30_000;

interface ReceiverOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** @returns whether somebody may report to this address. */
  isExpected(address: string): Promise<boolean>;
  /** Takes one report; what it throws has the reporting server try again later. */
  receive(address: string, raw: Buffer): Promise<void>;
}

/** A mail server that takes reports about mails of ours and nothing else. */
export interface ReportReceiver {
  readonly port: number;
  close(): Promise<void>;
}

/** Reports are taken at this address. @throws OperatorError when it is taken or may not be listened on. */
export async function receiveReports(options: ReceiverOptions): Promise<ReportReceiver> {
  const { host, port, log } = options;
  const server = new SMTPServer({
    banner: "reports about undelivered mails only",
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    size: LARGEST_REPORT_BYTES,
    maxClients: MOST_CLIENTS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    closeTimeout: 1_000,
    // A report has no sender, so that no report about a report goes in circles (RFC 5321, section 4.5.5).
    onMailFrom: ({ address }, _, done) =>
      done(isNobody(address) ? null : refusal("550 5.7.1 Only reports are taken here")),
    onRcptTo: ({ address }, session, done) =>
      callbackify(expect)(options, { address, peer: session.remoteAddress }, done),
    onData: (stream, { envelope }, done) => callbackify(take)(options, envelope.rcptTo, stream, done),
  });
  // A peer that resets its connection must not end the process.
  server.on("error", (error) => log.warn("a conversation about a report broke off", { error: error.message }));
  return {
    port: await listen(server.server, { host, port, variables: "BOUNCE_LISTEN" }),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function expect(
  { isExpected, log }: ReceiverOptions,
  { address, peer }: { address: string; peer: string },
): Promise<void> {
  const isKnown = await isExpected(address).catch((error: unknown) => comeAgain(log, error));
  if (isKnown) return;
  log.warn("a report was refused: no mail of ours went out under its address", { source: peer });
  throw refusal("550 5.1.1 No mail of ours went out under this address");
}

async function take(
  { receive, log }: ReceiverOptions,
  recipients: readonly SMTPServerAddress[],
  stream: SMTPServerDataStream,
): Promise<void> {
  const raw = await read(stream);
  for (const { address } of recipients) await receive(address, raw).catch((error: unknown) => comeAgain(log, error));
}

/** A report is kept by who sends it until it was taken. */
function comeAgain(log: Log, error: unknown): never {
  log.error("a report could not be taken and will come again", { error: traceOf(error) });
  throw refusal("451 4.3.0 Try again later");
}

/** Older servers put their own name where nobody's belongs. */
function isNobody(address: string): boolean {
  return address === "" || /^(?:mailer-daemon|postmaster)(?:@|$)/i.test(address);
}

async function read(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(Buffer.from(chunk as Uint8Array));
  if (stream.sizeExceeded) throw refusal("552 5.3.4 Larger than a report is");
  return Buffer.concat(chunks);
}

function refusal(reply: string): Error & { responseCode: number } {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
