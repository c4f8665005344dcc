import { isLoopback } from "#lib/origin.ts";
import type { Handover, MailTransport } from "./mail-transport.ts";

const KEPT: Handover = {
  outcome: "accepted",
  server: "built-in mailbox",
  answer: "250 Kept in the built-in mailbox",
};

/** System incorrectly configured (RFC 3463, section 3.4). */
const NO_SERVER: Handover = {
  outcome: "deferred",
  server: "Rekey",
  answer: "451 4.3.5 No mail server is set (SMTP_URL)",
};

/**
 * Sends no mail anywhere. It accepts those that the built-in mailbox shows from the outbox; that opens on this machine alone,
 * and what is for people elsewhere waits for a mail server.
 */
export const keptTransport: MailTransport = {
  send: async ({ origin }) => (isLoopback(origin) ? KEPT : NO_SERVER),
  findFault: async () => undefined,
  close: () => {},
};
