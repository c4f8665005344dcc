import { randomBytes, randomUUIDv7 } from "node:crypto";

/** @returns a new UUIDv7 (RFC 9562, section 5.7): ids made later sort later. */
export function newId(): string {
  return randomUUIDv7();
}

/** @returns 256 random bits in URL-safe letters, for ids that are themselves the proof. */
export function newOpaqueId(): string {
  return randomBytes(32).toString("base64url");
}

/** @returns whether the text is a UUID as this product writes them; anything else can be the id of nothing. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
}
