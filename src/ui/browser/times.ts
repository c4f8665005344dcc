import { relativeWords } from "#ui/relative-time.ts";

const serverNow = Date.parse(document.documentElement.dataset["now"] ?? "");
const skewMs = Number.isNaN(serverNow) ? 0 : serverNow - Date.now();

/** @returns what time it is on the server. */
export function serverTime(): Date {
  return new Date(Date.now() + skewMs);
}

/** Words such as "4 min ago" are true again, by the server's clock. */
export function refreshTimes(): void {
  const now = serverTime();
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const words = relativeWords(new Date(time.dateTime), now);
    if (time.textContent !== words) time.textContent = words;
  }
}
