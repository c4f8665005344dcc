import type { Instance } from "#instances/instance.ts";
import type { MailMessage } from "#platform/mail/mail-transport.ts";

/** @returns who a mail of the instance comes from: its own sender, else the operator's, else `rekey@` its host. The name is always the instance's. */
export function senderOf(instance: Instance, defaultSender: string | undefined): MailMessage["from"] {
  const given = instance.mailFrom ?? defaultSender ?? `rekey@${new URL(instance.origin).hostname}`;
  return { name: instance.name, address: /<([^<>]+)>\s*$/.exec(given)?.[1] ?? given };
}
