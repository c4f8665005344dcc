import type { MailTransport } from "./mail-transport.ts";

/** Accepts every mail without sending it anywhere: the built-in mailbox shows what the outbox holds. */
export const keptTransport: MailTransport = {
  send: async () => ({ outcome: "accepted", server: "built-in mailbox", answer: "250 Kept in the built-in mailbox" }),
  findFault: async () => undefined,
  close: () => {},
};
