import { after, SECOND_MS } from "#lib/clock.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";

const FIRST_WAIT_MS = SECOND_MS;
/** So that a queue drains within a minute of the server's return, whatever its length. */
const LONGEST_WAIT_MS = 15 * SECOND_MS;

/** What this process knows of the mail server. */
interface ServerWatch {
  /** @returns how many mails are worth claiming: `usual`, or one to try with now and then while the server is away. */
  mostAtOnce(now: Date, usual: number): number;
  heard(now: Date, handover: Handover): void;
}

/** While the server is away one mail asks for all, so that an outage neither wears out the others nor floods the server. */
export function watchServer(): ServerWatch {
  let failures = 0;
  let tryAt = new Date(0);
  return {
    mostAtOnce(now, usual) {
      if (failures === 0) return usual;
      return now >= tryAt ? 1 : 0;
    },
    heard(now, { outcome }) {
      if (outcome !== "unreachable") {
        failures = 0;
        return;
      }
      tryAt = after(now, Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS));
      failures += 1;
    },
  };
}
