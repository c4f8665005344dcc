import type { Dns } from "#platform/dns.ts";
import type { Finding } from "./finding.ts";

/** Says whether servers can report what they could not deliver. */
export async function examineBounces(dns: Dns, domain: string | undefined): Promise<Finding> {
  if (domain === undefined)
    return {
      check: "bounces",
      subject: "BOUNCE_DOMAIN",
      result: "warning",
      found: "Nobody hears of mails that a server took and could not deliver.",
      change: "Set BOUNCE_DOMAIN to a domain of its own, and BOUNCE_LISTEN to where its mails arrive.",
    };
  const of = { check: "bounces", subject: domain } as const;
  const answer = await dns.findMailServers(domain);
  if (answer.outcome === "no_answer")
    return { ...of, result: "skipped", found: `DNS does not answer for ${domain} (${answer.why}).` };
  if (answer.outcome === "found")
    return {
      ...of,
      result: "ok",
      found: `Reports to ${domain} go to ${answer.entries.map(({ host }) => host).join(", ")}.`,
    };
  return {
    ...of,
    result: "fault",
    found: `No mail server stands for ${domain}, so reports about undelivered mails are lost.`,
    change: "Publish this record, with the name of the machine on which BOUNCE_LISTEN takes them.",
    record: { name: domain, type: "MX", value: "10 <the name of that machine>" },
  };
}
