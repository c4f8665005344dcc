import { isIP } from "node:net";

import type { Dns } from "#platform/dns.ts";
import type { DnsRecord, Verdict } from "./finding.ts";
import { mailauthResolver } from "./mailauth-resolver.ts";
import type { Relay } from "./relay.ts";

/** A record that is the only one of its domain, and who has to be in it. */
interface Published {
  readonly domain: string;
  readonly record: string;
  readonly relay: Relay;
}

/** @returns whether the domain lets the relay send for it (RFC 7208), and which record would. */
export async function examineSpf(dns: Dns, domain: string, relay: Relay): Promise<Verdict> {
  const answer = await dns.findTexts(domain);
  if (answer.outcome === "no_answer")
    return { result: "skipped", found: `DNS does not answer for ${domain} (${answer.why}).` };
  if (answer.outcome === "no_such_name")
    return {
      result: "fault",
      found: `There is no ${domain}; receivers refuse mails from a domain that does not exist.`,
      change: "Check the spelling of the sender: MAIL_FROM, or the one in the settings of the instance.",
    };
  const texts = answer.outcome === "found" ? answer.entries : [];
  const [record, ...others] = texts.filter((text) => /^v=spf1( |$)/i.test(text));
  if (record === undefined)
    return {
      result: "fault",
      found: `${domain} has no SPF record, so anybody's mail from there looks as good as yours.`,
      change: "Publish this record; add what else sends mails for the domain.",
      record: recordOf(domain, withTerms("v=spf1 mx ~all", termsFor(relay))),
    };
  if (others.length > 0)
    return {
      result: "fault",
      found: `${domain} has ${others.length + 1} SPF records; receivers take none of them then (RFC 7208, section 4.5).`,
      change: "Put this one in their place.",
      record: recordOf(domain, others.reduce(merged, record)),
    };
  return letsEverybodySend(record) ? tooOpen({ domain, record, relay }) : judge(dns, { domain, record, relay });
}

function letsEverybodySend(record: string): boolean {
  return /(^| )\+?all( |$)/i.test(record);
}

function tooOpen({ domain, record, relay }: Published): Verdict {
  return {
    result: "warning",
    found: `The SPF record of ${domain} lets everybody send for it.`,
    change: "Put this one in its place.",
    record: recordOf(domain, withTerms(record.replace(/ \+?all\b/i, " ~all"), termsFor(relay))),
  };
}

/** For where nothing is known of who sends: an address of a network that nobody has (RFC 5737, section 3). */
const NOBODY = "192.0.2.255";

/** Follows the record as a receiver would. */
async function judge(dns: Dns, published: Published): Promise<Verdict> {
  const { domain, record, relay } = published;
  const addresses = relay.addresses.length > 0 ? relay.addresses : [NOBODY];
  const outcomes = await Promise.all(addresses.map((address) => outcomeFor(dns, domain, address)));
  const broken = outcomes.find(({ result }) => result === "permerror");
  if (broken)
    return {
      result: "fault",
      found: `The SPF record of ${domain} cannot be followed (${broken.why}), so receivers ignore it: "${record}".`,
      change: "Mend its spelling, or name fewer others in it: at most ten are looked up (RFC 7208, section 4.6.4).",
    };
  if (relay.include) return judgeService(published, relay.include, outcomes);
  if (outcomes.some(({ result }) => result === "temperror"))
    return { result: "skipped", found: `DNS does not answer for everything that the SPF record of ${domain} names.` };
  if (relay.addresses.length === 0)
    return {
      result: "skipped",
      found: `${domain} has an SPF record. From which address mails leave is not known here, so whether it is in it is shown by a test mail alone.`,
    };
  const missing = addresses.filter((_, index) => outcomes[index]?.result !== "pass");
  if (missing.length === 0) return { result: "ok", found: `${domain} lets ${addresses.join(" and ")} send for it.` };
  return notNamed({ ...published, relay: { ...relay, addresses: missing } }, outcomes);
}

/** A large service sends from addresses of which its server's is none, so its own record has to be named. */
function judgeService(published: Published, service: string, outcomes: readonly Outcome[]): Verdict {
  const { domain, record, relay } = published;
  const isNamed = record.toLowerCase().split(/\s+/).includes(`include:${service}`);
  if (!isNamed) return notNamed(published, outcomes);
  return { result: "ok", found: `${domain} lets ${service} send for it, to which ${relay.host} belongs.` };
}

/** `-all` has receivers refuse what is not named, anything milder has them wonder. */
function notNamed({ domain, record, relay }: Published, outcomes: readonly Outcome[]): Verdict {
  const isRefused = outcomes.some(({ result }) => result === "fail");
  const sender = relay.include ? relay.host : `${relay.host} (${relay.addresses.join(" and ")})`;
  const consequence = isRefused ? "asks receivers to refuse its mails" : "its mails look suspicious";
  return {
    result: isRefused ? "fault" : "warning",
    found: `The SPF record of ${domain} does not name ${sender}: ${consequence}.`,
    change: "Put this one in its place. If mails leave from another address than the server listens on, name that one.",
    record: recordOf(domain, withTerms(record, termsFor(relay))),
  };
}

interface Outcome {
  /** Such as `pass` or `softfail` (RFC 7208, section 2.6). */
  readonly result: string;
  readonly why: string;
}

async function outcomeFor(dns: Dns, domain: string, ip: string): Promise<Outcome> {
  // 32 MB and an eighth of a second that a program which examines nothing does not spend.
  const { spf } = await import("mailauth/lib/spf/index.js");
  const { status } = await spf({ sender: `postmaster@${domain}`, ip, helo: domain, resolver: mailauthResolver(dns) });
  const why = (status.comment || "not valid").replace(/^.* during lookup of [^:]*: /, "");
  return { result: status.result, why };
}

function termsFor({ include, addresses }: Relay): readonly string[] {
  return include ? [`include:${include}`] : addresses.map((address) => `ip${isIP(address)}:${address}`);
}

/** @returns the record with these terms, which must stand before `all`: nothing behind it is read. */
function withTerms(record: string, terms: readonly string[]): string {
  const [version = "v=spf1", ...given] = record.split(/\s+/).filter(Boolean);
  const own = terms.filter((term) => !given.some((each) => each.toLowerCase() === term.toLowerCase()));
  const rest = given.filter((term) => !isAll(term));
  return [version, ...rest, ...own, given.find(isAll) ?? "~all"].join(" ");
}

/** @returns one record that lets send whoever either of the two does. */
function merged(record: string, other: string): string {
  const [, ...terms] = other.split(/\s+/).filter(Boolean);
  return withTerms(
    record,
    terms.filter((term) => !isAll(term)),
  );
}

function isAll(term: string): boolean {
  return /^[-~?+]?all$/i.test(term);
}

function recordOf(name: string, value: string): DnsRecord {
  return { name, type: "TXT", value };
}
