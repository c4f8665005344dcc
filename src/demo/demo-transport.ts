import { keptTransport } from "#platform/mail/kept-transport.ts";
import type { Handover, MailTransport } from "#platform/mail/mail-transport.ts";

const SERVER = "mx.oak.example";

/** Two addresses whose mails do not get through, as happens every day. */
const TROUBLE: Readonly<Record<string, Handover>> = {
  "emily.carter@oak.example": { outcome: "refused", server: SERVER, answer: "550 5.1.1 No such mailbox here" },
  "liam.murphy@oak.example": { outcome: "deferred", server: SERVER, answer: "451 4.7.1 Greylisted, try again later" },
};

/** Keeps mails in the built-in mailbox, but for those that a mail server somewhere would not take. */
export const demoTransport: MailTransport = {
  ...keptTransport,
  send: async (message) => TROUBLE[message.to] ?? keptTransport.send(message),
};
