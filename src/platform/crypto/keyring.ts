import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

type Parts = readonly (string | Buffer)[];

/** The server's secrets, apart for each purpose: what is signed for one is worth nothing for another. */
export interface Keyring {
  /** The id of the key that signs now; kept beside what it signed, so that it can be checked after a rotation. */
  readonly currentKeyId: string;
  /** The ids of all secrets given, the one that signs now first. */
  readonly keyIds: readonly string[];
  /** @returns the 256-bit MAC of the parts, or undefined when the key is no longer known. */
  sign(keyId: string, purpose: string, parts: Parts): Buffer | undefined;
  /** @returns the text so that nobody else can read or change it, in URL-safe letters, bound to the parts. */
  seal(purpose: string, parts: Parts, text: string): string;
  /** @returns the text that was sealed for this purpose and these parts, or undefined. */
  unseal(purpose: string, parts: Parts, sealed: string): string | undefined;
}

/** Makes the keyring from secrets of at least 32 bytes each; the first signs, the others only check. */
export function openKeyring(secrets: readonly [Buffer, ...Buffer[]]): Keyring {
  const keys = new Map(secrets.map((secret) => [keyIdOf(secret), secret]));
  return {
    currentKeyId: keyIdOf(secrets[0]),
    keyIds: [...keys.keys()],
    sign(keyId, purpose, parts) {
      const secret = keys.get(keyId);
      if (!secret) return undefined;
      return createHmac("sha256", keyFor(secret, purpose)).update(joined(parts)).digest();
    },
    seal(purpose, parts, text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, keyFor(secrets[0], `seal ${purpose}`), nonce).setAAD(joined(parts));
      const head = Buffer.concat([Buffer.from(keyIdOf(secrets[0]), "hex"), nonce]);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([head, cipher.getAuthTag(), body]).toString("base64url");
    },
    unseal(purpose, parts, sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      const secret = keys.get(bytes.toString("hex", 0, KEY_ID_BYTES));
      if (!secret || bytes.length < HEAD_BYTES) return undefined;
      const nonce = bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, keyFor(secret, `seal ${purpose}`), nonce).setAAD(joined(parts));
      decipher.setAuthTag(bytes.subarray(KEY_ID_BYTES + NONCE_BYTES, HEAD_BYTES));
      try {
        return decipher.update(bytes.subarray(HEAD_BYTES), undefined, "utf8") + decipher.final("utf8");
      } catch {
        return undefined; // It was changed, or sealed for something else.
      }
    },
  };
}

/** AES with a tag that shows any change (NIST SP 800-38D); its nonce is random, and a key seals far fewer than 2^32 texts. */
const CIPHER = "aes-256-gcm";
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** Each is derived once: there are few purposes and many mails. */
const KEYS = new WeakMap<Buffer, Map<string, Buffer>>();

function keyFor(secret: Buffer, purpose: string): Buffer {
  const keys = KEYS.get(secret) ?? new Map<string, Buffer>();
  KEYS.set(secret, keys);
  const key = keys.get(purpose) ?? Buffer.from(hkdfSync("sha256", secret, "", `rekey ${purpose}`, 32));
  keys.set(purpose, key);
  return key;
}

/** Each part is preceded by its length, so that no two lists of parts give the same bytes. */
function joined(parts: Parts): Buffer {
  return Buffer.concat(parts.flatMap((part) => [Buffer.from(`${Buffer.byteLength(part)}:`), Buffer.from(part)]));
}

/** @returns the SHA-256 of the parts, which anybody can compute: each preceded by its length in bytes and a colon. */
export function digestOfParts(parts: Parts): Buffer {
  return createHash("sha256").update(joined(parts)).digest();
}

/** @returns whether two MACs are the same, in a time that does not tell where they differ. */
export function sameMac(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @returns the SHA-256 under which an opaque 256-bit id is kept, so that the database never holds one that works. */
export function digestOf(opaqueId: string): Buffer {
  return createHash("sha256").update(opaqueId).digest();
}

function keyIdOf(secret: Buffer): string {
  return createHash("sha256").update("rekey key id").update(secret).digest("hex").slice(0, 8);
}
