import { isIP } from "node:net";

import type { DNSResolver } from "mailauth";

import type { Dns, DnsAnswer } from "#platform/dns.ts";

/** @returns our DNS as mailauth asks it: like `resolve` of node:dns, with its error codes. */
export function mailauthResolver(dns: Dns): DNSResolver {
  return async (name, type) => {
    switch (type) {
      case "TXT":
        return entriesOf(await dns.findTexts(name)).map((text) => [text]);
      case "A":
      case "AAAA":
        return ofKind(entriesOf(await dns.findAddresses(name)), type === "A" ? 4 : 6);
      case "MX": {
        const servers = entriesOf(await dns.findMailServers(name));
        // mailauth's type has no place for them, and its code takes nothing else (RFC 7208, section 5.4).
        return servers.map(({ host, priority }) => ({ exchange: host, priority })) as unknown as string[];
      }
      default:
        throw dnsError("ENODATA");
    }
  };
}

function entriesOf<Entry>(answer: DnsAnswer<Entry>): readonly Entry[] {
  if (answer.outcome === "found") return answer.entries;
  throw dnsError({ none: "ENODATA", no_such_name: "ENOTFOUND", no_answer: "ETIMEOUT" }[answer.outcome]);
}

function ofKind(addresses: readonly string[], kind: 4 | 6): string[] {
  const wanted = addresses.filter((address) => isIP(address) === kind);
  if (wanted.length === 0) throw dnsError("ENODATA");
  return wanted;
}

function dnsError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
