import { randomBytes, randomInt, randomUUID } from "node:crypto";

let lastMs = 0;
let counter = 0;

/**
 * @returns a new UUIDv7 (RFC 9562, section 5.7). Of two ids of this process the later sorts later, also within a millisecond:
 *   the first random bits count up (section 6.2, method 1), so that what was recorded first is shown first.
 */
export function newId(): string {
  countUp(Date.now());
  const time = lastMs.toString(16).padStart(12, "0");
  const count = counter.toString(16).padStart(3, "0");
  // The last two groups are the same in every version: the variant and 62 random bits, which Node draws for many ids at once.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${randomUUID().slice(19)}`;
}

/** Begins each millisecond in the lower half of the twelve bits, and borrows from the next millisecond when they run out. */
function countUp(nowMs: number): void {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = randomInt(0x800);
  } else if (counter < 0xfff) {
    counter += 1;
  } else {
    lastMs += 1;
    counter = 0;
  }
}

/** @returns when an id was made, to the millisecond. */
export function timeOfId(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16));
}

/** @returns 256 random bits in URL-safe letters, for ids that are themselves the proof. */
export function newOpaqueId(): string {
  return randomBytes(32).toString("base64url");
}

/** @returns whether the text is a UUID as this product writes them; anything else can be the id of nothing. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}
