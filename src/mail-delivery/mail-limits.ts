import { after, MINUTE_MS } from "#lib/clock.ts";
import { fold } from "#lib/text.ts";

/** How many mails a process hands over in a minute, at most. */
export interface MailLimits {
  readonly perInstanceAMinute: number;
  /** Receivers take a crowd of mails for spam; this holds for each of their domains. */
  readonly perDomainAMinute: number;
}

/** Above what a mail server of one's own takes; who relays through a provider with limits of its own sets lower ones. */
export const USUAL_LIMITS: MailLimits = { perInstanceAMinute: 60_000, perDomainAMinute: 6_000 };

/**
 * Counts mails by the minute.
 * @returns what counts one more, or says until when it has to wait.
 */
export function watchLimits(limits: MailLimits): (instanceId: string, address: string, now: Date) => Date | undefined {
  let endsAt = new Date(0);
  const counts = new Map<string, number>();
  return (instanceId, address, now) => {
    if (now >= endsAt || after(endsAt, -MINUTE_MS) > now) {
      counts.clear();
      endsAt = after(now, MINUTE_MS);
    }
    const domain = fold(address.slice(address.lastIndexOf("@")));
    const counted = [
      { key: instanceId, most: limits.perInstanceAMinute },
      { key: domain, most: limits.perDomainAMinute },
    ].map((each) => ({ ...each, count: counts.get(each.key) ?? 0 }));
    if (counted.some(({ count, most }) => count >= most)) return endsAt;
    for (const { key, count } of counted) counts.set(key, count + 1);
    return undefined;
  };
}
