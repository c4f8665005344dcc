import { BlockList, isIP } from "node:net";

import type { Dns } from "#platform/dns.ts";
import { ownAddresses, type SmtpServer } from "#platform/mail/smtp-server.ts";

/** From where mails reach the rest of the world, as far as that can be known from here. */
export interface Relay {
  /** What to call it. */
  readonly host: string;
  /** Empty where nothing is known. A large mail service sends from others than it listens on. */
  readonly addresses: readonly string[];
  /** The domain whose SPF record names all addresses of a known mail service. */
  readonly include: string | undefined;
}

/** What known mail services ask their customers to include, by the end of their server's name. */
const INCLUDES: Readonly<Record<string, string>> = {
  "gmail.com": "_spf.google.com",
  "office365.com": "spf.protection.outlook.com",
  "outlook.com": "spf.protection.outlook.com",
  "amazonaws.com": "amazonses.com",
  "mailgun.org": "mailgun.org",
  "mailjet.com": "spf.mailjet.com",
  "sendgrid.net": "sendgrid.net",
  "zoho.com": "zohomail.com",
};

/** @returns from where mails leave: the mail server if others can see it, this machine if it runs here, or unknown. */
export async function findRelay(dns: Dns, { host }: SmtpServer): Promise<Relay> {
  const include = Object.entries(INCLUDES).find(([end]) => host === end || host.endsWith(`.${end}`))?.[1];
  const addresses = await addressesOf(dns, host);
  if (addresses.some(isPublic)) return { host, include, addresses: addresses.filter(isPublic) };
  if (!isThisMachine(host)) return { host, include, addresses: [] };
  return { host: "this machine", include, addresses: ownAddresses().filter(isPublic) };
}

/** @returns the addresses of a host name, or the address that it is. */
async function addressesOf(dns: Dns, host: string): Promise<readonly string[]> {
  if (isIP(host) > 0) return [host];
  const answer = await dns.findAddresses(host);
  return answer.outcome === "found" ? answer.entries : [];
}

/** Networks whose addresses nobody elsewhere ever sees (RFC 6890, section 2.2.2). */
const HIDDEN = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  HIDDEN.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  HIDDEN.addSubnet(network, prefix, "ipv6");

/** @returns whether the name or address is this machine's own, whatever it is called elsewhere. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
}

function isPublic(address: string): boolean {
  return !HIDDEN.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
