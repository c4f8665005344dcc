import { Resolver } from "node:dns/promises";

import { SECOND_MS } from "#lib/clock.ts";
import { codeOf } from "#lib/error-words.ts";

/**
 * What DNS says of a name. `none` means that there is such a name without such a record, `no_such_name` that there is nothing
 * of that name nor below it (RFC 8020), `no_answer` that nothing is known, which is no ground to refuse anything.
 */
export type DnsAnswer<Entry> =
  | { readonly outcome: "found"; readonly entries: readonly [Entry, ...Entry[]] }
  | { readonly outcome: "none" | "no_such_name" }
  | { readonly outcome: "no_answer"; readonly why: string };

export interface MailServer {
  /** Empty where the domain says that it takes no mail (null MX, RFC 7505). */
  readonly host: string;
  readonly priority: number;
}

/** Asks DNS. Never throws, and always answers within a few seconds. */
export interface Dns {
  /** @returns the TXT records, the strings of each in one (RFC 7208, section 3.3). */
  findTexts(name: string): Promise<DnsAnswer<string>>;
  /** @returns the MX records, the preferred first. */
  findMailServers(domain: string): Promise<DnsAnswer<MailServer>>;
  /** @returns the addresses of both kinds, those of IPv4 first. */
  findAddresses(name: string): Promise<DnsAnswer<string>>;
}

/** A second try is worth it, since a question over UDP may be lost; both together stay below what a person waits for. */
const TRY_MS = 2 * SECOND_MS;
const TRIES = 2;
const LONGEST_QUESTION_MS = 5 * SECOND_MS;

/** @returns the DNS that this machine is configured for, or that of the given servers (`192.0.2.53:53`). */
export function systemDns(servers?: readonly string[]): Dns {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  return {
    findTexts: (name) => ask(async () => (await resolver.resolveTxt(name)).map((strings) => strings.join(""))),
    findMailServers: (domain) => ask(async () => (await resolver.resolveMx(domain)).map(toMailServer).toSorted(byWish)),
    findAddresses: async (name) => {
      const [four, six] = await Promise.all([ask(() => resolver.resolve4(name)), ask(() => resolver.resolve6(name))]);
      return both(four, six);
    },
  };
}

async function ask<Entry>(question: () => Promise<readonly Entry[]>): Promise<DnsAnswer<Entry>> {
  try {
    const [first, ...others] = await Promise.race([question(), rejectionAfter(LONGEST_QUESTION_MS)]);
    return first === undefined ? { outcome: "none" } : { outcome: "found", entries: [first, ...others] };
  } catch (error) {
    return NOT_FOUND[codeOf(error)] ?? { outcome: "no_answer", why: codeOf(error) || String(error) };
  }
}

/** c-ares' words (https://nodejs.org/api/dns.html#error-codes); a name that cannot be asked for cannot exist either. */
const NOT_FOUND: Readonly<Record<string, { readonly outcome: "none" | "no_such_name" }>> = {
  ENODATA: { outcome: "none" },
  ENOTFOUND: { outcome: "no_such_name" },
  EBADNAME: { outcome: "no_such_name" },
};

/** One kind is enough; where there is none, not to have heard of the other leaves the question open. */
function both(one: DnsAnswer<string>, other: DnsAnswer<string>): DnsAnswer<string> {
  if (one.outcome === "found" && other.outcome === "found")
    return { outcome: "found", entries: [...one.entries, ...other.entries] };
  const outcomes = ["found", "no_answer", "none", "no_such_name"];
  return outcomes.indexOf(one.outcome) <= outcomes.indexOf(other.outcome) ? one : other;
}

function toMailServer({ exchange, priority }: { exchange: string; priority: number }): MailServer {
  return { host: exchange === "." ? "" : exchange, priority };
}

function byWish(one: MailServer, other: MailServer): number {
  return one.priority - other.priority;
}

/** The resolver counts its own time for each server that it asks; this ends the whole. */
function rejectionAfter(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(Object.assign(new Error("timeout"), { code: "ETIMEOUT" })), ms).unref();
  });
}
