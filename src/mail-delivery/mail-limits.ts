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

/** Mails to many use this share of each limit; the rest is left for those that somebody waits for. */
const BULK_SHARE = 0.9;

/** What a mail counts for. */
interface Counted {
  readonly instanceId: string;
  readonly address: string;
  /** One of many. */
  readonly isBulk: boolean;
}

/**
 * Counts mails by the minute. Where a limit is above one, mails to many always leave room for a single one.
 * @returns what counts one more, or says until when it has to wait.
 */
export function watchLimits(limits: MailLimits): (mail: Counted, now: Date) => Date | undefined {
  let endsAt = new Date(0);
  const counts = new Map<string, number>();
  return ({ instanceId, address, isBulk }, now) => {
    if (now >= endsAt || after(endsAt, -MINUTE_MS) > now) {
      counts.clear();
      endsAt = after(now, MINUTE_MS);
    }
    const domain = fold(address.slice(address.lastIndexOf("@")));
    const counted = [
      { key: instanceId, limit: limits.perInstanceAMinute },
      { key: domain, limit: limits.perDomainAMinute },
    ].map(({ key, limit }) => ({ key, most: isBulk ? mostInBulk(limit) : limit, count: counts.get(key) ?? 0 }));
    if (counted.some(({ count, most }) => count >= most)) return endsAt;
    for (const { key, count } of counted) counts.set(key, count + 1);
    return undefined;
  };
}

/** Under a limit of one, mails to many would otherwise never leave. */
function mostInBulk(limit: number): number {
  return Math.max(1, Math.floor(limit * BULK_SHARE));
}
