import nodemailer, { type SendMailOptions } from "nodemailer";

import type { Handover, MailMessage, MailTransport } from "./mail-transport.ts";

/** How many conversations go on at once. */
export const SMTP_CONNECTIONS = 5;
/** A server that trickles keeps no socket timeout from starting anew; this ends every conversation. */
export const LONGEST_CONVERSATION_MS = 120_000;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;

/**
 * Hands mails to the SMTP server of `smtpUrl` over a few connections that stay open.
 * @param longestConversationMs after which a conversation is ended, and the mail is to be tried again.
 */
export function smtpTransport(smtpUrl: string, longestConversationMs = LONGEST_CONVERSATION_MS): MailTransport {
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
  return {
    async send(message) {
      const signal = AbortSignal.timeout(longestConversationMs);
      try {
        const { response } = await transporter.sendMail({ ...envelopeOf(message), signal });
        return { outcome: "accepted", server, answer: oneLine(response) };
      } catch (error) {
        return { ...outcomeOf(signal.aborted ? signal.reason : error), server };
      }
    },
    async findFault() {
      const limit = AbortSignal.timeout(Math.min(longestConversationMs, SILENCE_TIMEOUT_MS));
      try {
        // A check cannot be ended; who waits for it can.
        await Promise.race([transporter.verify(), rejectionOf(limit)]);
        return undefined;
      } catch (error) {
        return error instanceof Error ? oneLine(error.message) : "unknown";
      }
    },
    close: () => transporter.close(),
  };
}

function envelopeOf(message: MailMessage): SendMailOptions {
  return {
    messageId: message.messageId,
    date: message.date,
    from: message.from,
    // An object, so that no comma or bracket in an address can name a second recipient.
    to: { name: "", address: message.to },
    ...(message.replyTo !== undefined && { replyTo: { name: "", address: message.replyTo } }),
    envelope: { from: message.from.address, to: [message.to] },
    subject: message.subject,
    text: message.text,
    html: message.html,
    headers: {
      // RFC 3834, section 5: keeps vacation notices from answering.
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    },
  };
}

/** A 5xx answer is final (RFC 5321, section 4.2.1); everything else, a lost connection too, may be tried again. */
function outcomeOf(error: unknown): Omit<Handover, "server"> {
  const code = isSmtpError(error) ? error.responseCode : undefined;
  const answer = isSmtpError(error) ? (error.response ?? error.message) : String(error);
  return { outcome: code !== undefined && code >= 500 ? "refused" : "deferred", answer: oneLine(answer) };
}

function isSmtpError(error: unknown): error is Error & { responseCode?: number; response?: string } {
  return error instanceof Error;
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 500);
}
