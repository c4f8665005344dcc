import { type Keyring, sameMac } from "#platform/crypto/keyring.ts";
import type { Email } from "./email.ts";

/*
 * Each mail names an address of its own to which a server reports what it could not deliver (a variable envelope return
 * path). Its local part is the mail's id, the end of its instance's, the id of the key, and a MAC, so that nobody can report
 * what was never sent. Written to base 36: mail servers may change the case, and take 64 characters at most (RFC 5321,
 * section 4.5.3.1.1).
 */
const PREFIX = "b-";
const ID_BYTES = 16;
const INSTANCE_BYTES = 4;
const KEY_ID_BYTES = 4;
const MAC_BYTES = 12;
const BYTES = ID_BYTES + INSTANCE_BYTES + KEY_ID_BYTES + MAC_BYTES;

/** Says of which mail a return path speaks, which is proven only together with its instance. */
export interface ReturnPath {
  readonly emailId: string;
  readonly keyId: string;
  /** @returns whether the mail may be one of this instance: most are not. */
  isOf(instanceId: string): boolean;
  /** @returns whether this program made the return path, for this mail of this instance. */
  isGenuine(keyring: Keyring, instanceId: string): boolean;
}

/** @returns the address to which servers report about the mail. */
export function returnPathOf(keyring: Keyring, domain: string, email: Pick<Email, "instance_id" | "id">): string {
  const keyId = keyring.currentKeyId;
  const mac = macOf(keyring, keyId, email.instance_id, email.id);
  const bytes = Buffer.concat([bytesOf(email.id), tagOf(email.instance_id), Buffer.from(keyId, "hex"), mac]);
  return `${PREFIX}${BigInt(`0x${bytes.toString("hex")}`).toString(36)}@${domain}`;
}

/** @returns what the address says, or undefined when it is no return path of the domain. */
export function readReturnPath(address: string, domain: string): ReturnPath | undefined {
  const [local = "", host] = address.toLowerCase().split("@");
  if (host !== domain.toLowerCase() || !/^b-[0-9a-z]{30,62}$/.test(local)) return undefined;
  let number = 0n;
  for (const digit of local.slice(PREFIX.length)) number = number * 36n + BigInt(Number.parseInt(digit, 36));
  const hex = number.toString(16).padStart(BYTES * 2, "0");
  if (hex.length !== BYTES * 2) return undefined;
  const bytes = Buffer.from(hex, "hex");
  const emailId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  const tag = bytes.subarray(ID_BYTES, ID_BYTES + INSTANCE_BYTES);
  const keyId = bytes.toString("hex", ID_BYTES + INSTANCE_BYTES, BYTES - MAC_BYTES);
  return {
    emailId,
    keyId,
    isOf: (instanceId) => tag.equals(tagOf(instanceId)),
    isGenuine: (keyring, instanceId) =>
      sameMac(macOf(keyring, keyId, instanceId, emailId), bytes.subarray(BYTES - MAC_BYTES)),
  };
}

/** Empty for a key that is no longer known, which is the MAC of nothing. */
function macOf(keyring: Keyring, keyId: string, instanceId: string, emailId: string): Buffer {
  return (keyring.sign(keyId, "return path", [emailId, instanceId]) ?? Buffer.alloc(0)).subarray(0, MAC_BYTES);
}

/** The end of the id, since ids begin with the time, which instances made together share. */
function tagOf(instanceId: string): Buffer {
  return bytesOf(instanceId).subarray(-INSTANCE_BYTES);
}

function bytesOf(id: string): Buffer {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}
