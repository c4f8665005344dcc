import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** With which mails are signed, and where its public half is published (RFC 6376, section 3.6.2.1). */
export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  /** A key object rather than its text: whatever prints or serialises it shows nothing of it. */
  readonly privateKey: KeyObject;
}

/** RFC 8301, section 3.2: no receiver accepts a signature by a shorter key. */
const FEWEST_BITS = 1024;

export const DKIM_KEY_EXPECTED =
  "a file with an RSA private key in PEM, for instance from: openssl genrsa -out dkim.pem 2048";

/**
 * @returns the private key of the file. RSA only: nodemailer signs with nothing else, and receivers that know Ed25519
 *   (RFC 8463) are few.
 * @throws Error whose message says what is wrong, without anything of the file's content.
 */
export function readDkimKeyFile(file: string): KeyObject {
  const pem = readFileSync(file);
  const key = parse(pem);
  if (key?.asymmetricKeyType !== "rsa") throw new Error("it holds no such key");
  if (keyBits(key) < FEWEST_BITS) throw new Error(`a key of ${keyBits(key)} bits is too short`);
  return key;
}

/** @returns how long the key is; RFC 8301, section 3.2, asks for 2048 bits. */
export function keyBits({ asymmetricKeyDetails }: KeyObject): number {
  return asymmetricKeyDetails?.modulusLength ?? 0;
}

/** @returns the public half as a DNS record holds it after `p=` (RFC 6376, section 3.6.1). */
export function publishedKey({ privateKey }: DkimKey): string {
  return createPublicKey(privateKey).export({ type: "spki", format: "der" }).toString("base64");
}

/** @returns the name of the DNS record with the public half. */
export function dkimRecordName({ domain, selector }: DkimKey): string {
  return `${selector}._domainkey.${domain}`;
}

/** The message of the library may quote what it read, so it is not passed on. */
function parse(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
