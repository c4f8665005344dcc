import type { Dns } from "#platform/dns.ts";
import type { DkimKey } from "#platform/mail/dkim-key.ts";
import type { Verdict } from "./finding.ts";
import { mailauthResolver } from "./mailauth-resolver.ts";

interface Evidence {
  readonly spf: Verdict;
  /** The domain that SPF speaks of. */
  readonly returnDomain: string;
  readonly dkim: Verdict;
  readonly dkimKey: DkimKey | undefined;
}

/** @returns whether mails from the domain pass what it asks receivers to check (DMARC, RFC 9989), given what SPF and DKIM say. */
export async function examineDmarc(dns: Dns, domain: string, evidence: Evidence): Promise<Verdict> {
  const { dmarc } = await import("mailauth/lib/dmarc/index.js");
  const signers = signersIn(evidence);
  const outcome = await dmarc({
    headerFrom: `postmaster@${domain}`,
    spfDomains: evidence.spf.result === "ok" ? [evidence.returnDomain] : [],
    dkimDomains: signers.map((signer) => ({ domain: signer })),
    resolver: mailauthResolver(dns),
  });
  if (!outcome || outcome.status.result === "temperror")
    return { result: "skipped", found: `DNS does not answer for the DMARC record of ${domain}.` };
  if (outcome.status.result === "none")
    return {
      result: "warning",
      found: `${domain} has no DMARC record; large mail services trust such domains less.`,
      change: "Publish this record. It asks for nothing to be refused yet.",
      record: { name: `_dmarc.${domain}`, type: "TXT", value: "v=DMARC1; p=none" },
    };
  const policy = outcome.policy ?? "none";
  return outcome.status.result === "pass"
    ? judgePass(domain, policy, outcome.alignment?.dkim.result || undefined)
    : judgeFail(domain, policy, evidence);
}

/** A signature counts only where receivers find its key. */
function signersIn({ dkim, dkimKey }: Evidence): readonly string[] {
  return dkimKey && (dkim.result === "ok" || dkim.result === "warning") ? [dkimKey.domain] : [];
}

/** SPF does not survive forwarding (RFC 7960, section 3.1); a signature does. */
function judgePass(domain: string, policy: string, signer: string | undefined): Verdict {
  const found = `Mails pass the DMARC policy of ${domain} (p=${policy}) by ${signer ? `the signature of ${signer}` : "SPF alone"}.`;
  if (signer || policy === "none") return { result: "ok", found };
  return {
    result: "warning",
    found: `${found} Whoever forwards their mails loses them.`,
    change: `Sign mails for ${domain}: DKIM_DOMAIN, DKIM_SELECTOR and DKIM_KEY_FILE.`,
  };
}

/** What the mail server signs, or from where it sends, may not be known here. */
function judgeFail(domain: string, policy: string, { spf, dkimKey }: Evidence): Verdict {
  const isKnown = dkimKey !== undefined && spf.result !== "skipped";
  const unaligned = dkimKey && !isWithin(dkimKey.domain, domain) ? `, which signs for ${dkimKey.domain}` : "";
  const demand = { reject: "be refused", quarantine: "go to Spam" }[policy] ?? "be let through and reported";
  return {
    result: isKnown && policy !== "none" ? "fault" : "warning",
    found: `Nothing that is known here${unaligned} makes mails pass the DMARC policy of ${domain} (p=${policy}): those that do not are to ${demand}.`,
    change: `Mend SPF or DKIM as said above${unaligned && `, and sign for ${domain}: set DKIM_DOMAIN to it, or change the sender`}.`,
  };
}

function isWithin(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}
