import { domainToASCII } from "node:url";

import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { editDistance } from "#lib/edit-distance.ts";
import { fold, trimUnseen } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { Dns } from "#platform/dns.ts";
import { isAddress } from "./address.ts";
import { MAIL_PROVIDERS } from "./mail-providers.ts";
import { findUserByIdentifier } from "./user.ts";

/** Why an address may not be the one that was meant. It may be right all the same, so nothing is ever refused for it. */
export interface AddressDoubt {
  /** What gives reason to doubt, in a sentence. */
  readonly reason: string;
  /** The address that may have been meant, where there is one. */
  readonly suggestion: string | undefined;
}

/** Whoever saves a form does not wait longer for what may help. */
const LONGEST_LOOK_MS = 1_500;

/**
 * @returns the doubt about an address that somebody has just typed: its spelling, or that no mail can arrive there. Undefined
 *   for what nobody can know, and for an address that somebody here has already. Asks DNS, so never call it in a transaction.
 */
export async function findAddressDoubt(deps: Deps, scope: Scope, address: string): Promise<AddressDoubt | undefined> {
  if (!isAddress(address)) return undefined;
  const { isKnown, doubt } = await deps.db.inInstance(scope.instance.id, async (tx) => ({
    isKnown: (await findUserByIdentifier(tx, scope, address)) !== undefined,
    doubt: await findSpellingDoubt(tx, scope, address),
  }));
  if (isKnown || doubt) return isKnown ? undefined : doubt;
  return Promise.race([findDeliveryDoubt(deps.dns, domainOf(address)), nothingAfter(LONGEST_LOOK_MS)]);
}

/** @returns the doubt about an address from how it is spelt alone: it looks like one of a colleague or of a mail provider. */
export async function findSpellingDoubt(tx: Tx, scope: Scope, address: string): Promise<AddressDoubt | undefined> {
  const domain = domainOf(address);
  if (MAIL_PROVIDERS.includes(domain) || (await isShared(tx, scope, domain))) return undefined;
  const near = [...(await listSharedDomains(tx, scope)), ...MAIL_PROVIDERS].find((other) => isNear(domain, other));
  if (near === undefined) return undefined;
  const local = trimUnseen(address).slice(0, trimUnseen(address).lastIndexOf("@"));
  return { reason: `${domain} looks like ${near}.`, suggestion: `${local}@${near}` };
}

function domainOf(address: string): string {
  const key = fold(address);
  return key.slice(key.lastIndexOf("@") + 1);
}

/** The shorter a name, the more others are near it that mean somebody else. */
function isNear(domain: string, other: string): boolean {
  const slips = other.length < 8 ? 0 : other.length < 12 ? 1 : 2;
  return Math.abs(domain.length - other.length) <= slips && editDistance(domain, other) <= slips;
}

/** So many people do not make the same slip. */
const SHARED_BY = 2;
/** More domains than any company's people have. */
const MOST_DOMAINS = 50;
const DOMAIN = sql<string>`split_part(email_key, '@', 2)`;

/** Most people's is, and then this has seen enough after a few rows, however many there are. */
async function isShared(tx: Tx, scope: Scope, domain: string): Promise<boolean> {
  const rows = await tx
    .selectFrom("users")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where(DOMAIN, "=", domain)
    .limit(SHARED_BY)
    .execute();
  return rows.length === SHARED_BY;
}

/** @returns the domains at which several people of the instance have their address, the most frequent first. */
async function listSharedDomains(tx: Tx, scope: Scope): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom("users")
    .select(DOMAIN.as("domain"))
    .where("instance_id", "=", scope.instance.id)
    .groupBy(DOMAIN)
    .having(sql<number>`count(*)`, ">=", SHARED_BY)
    .orderBy(sql`count(*)`, "desc")
    .limit(MOST_DOMAINS)
    .execute();
  return rows.map(({ domain }) => domain);
}

/** Names that only one machine or network knows, or nobody (RFC 6761, RFC 6762, RFC 8375): DNS says nothing about their mail. */
const LOCAL_NAMES = /(^|\.)(example(\.com|\.net|\.org)?|test|invalid|localhost|local|internal|home\.arpa|onion)$/;

async function findDeliveryDoubt(dns: Dns, domain: string): Promise<AddressDoubt | undefined> {
  const name = domainToASCII(domain);
  if (!name.includes(".") || LOCAL_NAMES.test(name)) return undefined;
  const servers = await dns.findMailServers(name);
  if (servers.outcome === "no_such_name") return doubtful(`There is no ${domain}, so no mail arrives there.`);
  if (servers.outcome === "found" && servers.entries.every(({ host }) => host === ""))
    return doubtful(`${domain} says that it takes no mail.`); // RFC 7505
  if (servers.outcome !== "none") return undefined;
  // Without a mail server of its own, the machine of that name is asked to take the mail (RFC 5321, section 5.1).
  const addresses = await dns.findAddresses(name);
  const hasNone = addresses.outcome === "none" || addresses.outcome === "no_such_name";
  return hasNone ? doubtful(`${domain} has no mail server, so no mail arrives there.`) : undefined;
}

function doubtful(reason: string): AddressDoubt {
  return { reason, suggestion: undefined };
}

function nothingAfter(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
}
