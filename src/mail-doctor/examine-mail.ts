import { domainToASCII } from "node:url";

import type { Instance } from "#instances/instance.ts";
import { isLoopback } from "#lib/origin.ts";
import { senderOf } from "#mail-delivery/sender.ts";
import type { Deps } from "#platform/deps.ts";
import { readSmtpUrl } from "#platform/mail/smtp-server.ts";
import { examineAcceptance } from "./examine-acceptance.ts";
import { examineBounces } from "./examine-bounces.ts";
import { examineDkim } from "./examine-dkim.ts";
import { examineDmarc } from "./examine-dmarc.ts";
import { examineServer } from "./examine-server.ts";
import { examineSpf } from "./examine-spf.ts";
import type { Finding } from "./finding.ts";
import { findRelay, type Relay } from "./relay.ts";

/**
 * @returns what is right and wrong with how mails of these instances leave: the mail server first, then each sender once,
 *   however many instances share it. Nothing is changed, and no mail is sent. It talks to the mail server and to DNS, so it
 *   takes seconds; never wait for it inside a transaction.
 */
export async function examineMail(deps: Deps, instances: readonly Instance[]): Promise<readonly Finding[]> {
  const { smtpUrl, defaultSender, bounceDomain } = deps.mail;
  if (smtpUrl === undefined) return [instances.some(isOutOfReach) ? NO_SERVER : MAILBOX_ONLY];
  const server = readSmtpUrl(smtpUrl);
  const senders = [...new Set(instances.map((instance) => senderOf(instance, defaultSender).address))];
  const { findings, conversation } = await examineServer(deps, server);
  const accepted = await examineAcceptance(conversation, senders, bounceDomain);
  conversation?.close();
  const relay = await findRelay(deps.dns, server);
  const published: Finding[] = [];
  for (const sender of senders) published.push(...(await examinePublished(deps, sender, relay)));
  const ofSenders = senders.flatMap((sender) =>
    [...accepted, ...published].filter(({ subject }) => subject === sender),
  );
  return [...findings, ...ofSenders, await examineBounces(deps.dns, bounceDomain)];
}

const MAILBOX_ONLY: Finding = {
  check: "server_connection",
  subject: "built-in mailbox",
  result: "skipped",
  found: "No mail leaves: they are kept in the built-in mailbox.",
  change: "Set SMTP_URL to the address of a mail server.",
};

const NO_SERVER: Finding = {
  ...MAILBOX_ONLY,
  subject: "no mail server",
  result: "fault",
  found: "No mail leaves: they wait until a mail server is set.",
};

/** Its people are elsewhere, and the built-in mailbox opens on this machine alone. */
function isOutOfReach({ origin }: Instance): boolean {
  return !isLoopback(origin);
}

/** What the sender's domain says in DNS, and that of the return path, by which SPF goes. DMARC comes last, since it rests on both. */
async function examinePublished(deps: Deps, sender: string, relay: Relay): Promise<readonly Finding[]> {
  const domain = domainOf(sender);
  if (!domain.includes(".")) return [unknownToOthers(sender, domain)];
  const returnDomain = deps.mail.bounceDomain ?? domain;
  const spf = await examineSpf(deps.dns, returnDomain, relay);
  const dkim = await examineDkim(deps.dns, deps.mail.dkim);
  const dmarc = await examineDmarc(deps.dns, domain, { spf, returnDomain, dkim, dkimKey: deps.mail.dkim });
  return [
    { check: "spf", subject: sender, ...spf },
    { check: "dkim", subject: sender, ...dkim },
    { check: "dmarc", subject: sender, ...dmarc },
  ];
}

function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  return domainToASCII(domain) || domain;
}

function unknownToOthers(sender: string, domain: string): Finding {
  return {
    check: "spf",
    subject: sender,
    result: "warning",
    found: `${domain} is a name that only this machine knows; mail servers elsewhere refuse mails from there.`,
    change: "Set MAIL_FROM, or the sender in the settings of the instance, to an address of your own domain.",
  };
}
