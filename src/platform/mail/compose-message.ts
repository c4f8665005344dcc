import { randomUUID } from "node:crypto";

import MimeNode from "nodemailer/lib/mime-node";
import { encode, wrap } from "nodemailer/lib/qp";

import type { MailMessage } from "./mail-transport.ts";

/**
 * Nodemailer writes the header, which is where a name or an address could do harm; the two bodies are always the same kind of
 * text, and written here in a sixth of the time.
 * @returns the message as it goes over the wire.
 */
export function composeMessage(message: MailMessage): Buffer {
  const boundary = `rekey-${randomUUID()}`;
  const header = new MimeNode(`multipart/alternative; boundary="${boundary}"`)
    .setHeader({
      From: message.from,
      To: asOne(message.to),
      ...(message.replyTo !== undefined && { "Reply-To": asOne(message.replyTo) }),
      Subject: message.subject,
      "Message-ID": message.messageId,
      Date: message.date.toUTCString().replace("GMT", "+0000"),
      // RFC 3834, section 5: keeps vacation notices from answering.
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
    })
    .buildHeaders();
  const parts = [partOf("text/plain", message.text), partOf("text/html", message.html)];
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
  return Buffer.from(`${header}\r\n\r\n${body}--${boundary}--\r\n`);
}

/** An object rather than a text, so that no comma or bracket in an address can name another recipient. */
export function asOne(address: string): { name: string; address: string } {
  return { name: "", address };
}

/** Quoted-printable: what is all base64 looks like spam. */
function partOf(type: string, text: string): string {
  const body = wrap(encode(text.replaceAll(/\r?\n/g, "\r\n")));
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${body}`;
}
