import { Readable } from "node:stream";

import nodemailer, { type SendMailOptions } from "nodemailer";
import DKIM from "nodemailer/lib/dkim";

import { messageOf } from "#lib/error-words.ts";
import { asOne, composeMessage } from "./compose-message.ts";
import type { DkimKey } from "./dkim-key.ts";
import type { Handover, MailMessage, MailTransport } from "./mail-transport.ts";
import { wordsOfServer } from "./server-words.ts";

/** How many conversations go on at once. */
export const SMTP_CONNECTIONS = 5;
/** A server that trickles keeps no socket timeout from starting anew; this ends every conversation. */
const LONGEST_CONVERSATION_MS = 120_000;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;

/** What a receiver may rely on, nodemailer's own list and what marks the mail as automatic (RFC 6376, section 5.4.1). */
const SIGNED_HEADERS =
  "From:Reply-To:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Content-Transfer-Encoding:Auto-Submitted";

interface SmtpOptions {
  /** Signs every mail. */
  readonly dkim?: DkimKey | undefined;
  /** After which a conversation is ended, and the mail is to be tried again. */
  readonly longestConversationMs?: number;
}

/** Hands mails to the SMTP server of `smtpUrl` over a few connections that stay open. */
export function smtpTransport(
  smtpUrl: string,
  { dkim, longestConversationMs = LONGEST_CONVERSATION_MS }: SmtpOptions = {},
): MailTransport {
  const server = new URL(smtpUrl).host;
  const transporter = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: SMTP_CONNECTIONS,
    maxMessages: Infinity,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const sign = dkim && new DKIM(signatureBy(dkim));
  const ready = new Map<string, () => Readable>();
  transporter.use("stream", (mail, done) => {
    const stream = ready.get(String(mail.data.messageId));
    if (stream) mail.message.createReadStream = stream;
    done();
  });
  const closing = new AbortController();
  return {
    async send(message) {
      const signal = AbortSignal.any([AbortSignal.timeout(longestConversationMs), closing.signal]);
      const written = composeMessage(message);
      const whole = sign ? Buffer.concat(await sign.sign(written).toArray()) : written;
      ready.set(message.messageId, () => streamOf(whole, message.beforeEnd));
      try {
        const { response } = await transporter.sendMail({ ...envelopeOf(message), raw: whole, signal });
        return { outcome: "accepted", server, answer: wordsOfServer(response) };
      } catch (error) {
        return { ...outcomeOf(signal.aborted ? signal.reason : error), server };
      } finally {
        ready.delete(message.messageId);
      }
    },
    async findFault() {
      const limit = AbortSignal.timeout(Math.min(longestConversationMs, SILENCE_TIMEOUT_MS));
      try {
        // A check cannot be ended; who waits for it can.
        await Promise.race([transporter.verify(), rejectionOf(limit)]);
        return undefined;
      } catch (error) {
        return wordsOfServer(messageOf(error));
      }
    },
    close: () => {
      closing.abort(new Error("The program is stopping"));
      transporter.close();
    },
  };
}

function signatureBy({ domain, selector, privateKey }: DkimKey) {
  return { domainName: domain, keySelector: selector, privateKey, headerFieldNames: SIGNED_HEADERS };
}

/**
 * Nodemailer reads the stream of a mail when the server has said that it is ready for it; its own, which this one stands in
 * for, would be read ahead, and the promise asked for too early.
 */
function streamOf(whole: Buffer, beforeEnd: MailMessage["beforeEnd"]): Readable {
  return new Readable({
    read() {
      const send = (): void => {
        this.push(whole);
        this.push(null);
      };
      if (beforeEnd) beforeEnd().then(send, (error: Error) => this.destroy(error));
      else send();
    },
  });
}

function envelopeOf(message: MailMessage): SendMailOptions {
  return {
    messageId: message.messageId,
    envelope: { from: asOne(message.returnPath ?? message.from.address), to: asOne(message.to) },
  };
}

/** What went wrong before anything was said about this mail: the connection, TLS, the greeting, our sign-in. */
const BEFORE_ANY_MAIL = new Set([
  "ECONNECTION",
  "ESOCKET",
  "EDNS",
  "ETLS",
  "EREQUIRETLS",
  "EPROTOCOL",
  "EAUTH",
  "ENOAUTH",
]);

/**
 * A 5xx answer about a mail is final (RFC 5321, section 4.2.1), one to our sign-in is the operator's to mend; everything
 * else may be tried again.
 */
function outcomeOf(error: unknown): Omit<Handover, "server"> {
  const {
    code = "",
    command = "",
    responseCode = 0,
    response,
    message,
  } = isSmtpError(error) ? error : ({} as SmtpError);
  const answer = wordsOfServer(response ?? (message || String(error)));
  const isUnreachable =
    BEFORE_ANY_MAIL.has(code) || responseCode === 421 || (code === "ETIMEDOUT" && command === "CONN");
  if (isUnreachable) return { outcome: "unreachable", answer };
  return { outcome: responseCode >= 500 ? "refused" : "deferred", answer };
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

function isSmtpError(error: unknown): error is SmtpError {
  return error instanceof Error;
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
