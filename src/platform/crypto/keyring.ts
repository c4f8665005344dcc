import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** The server's secrets, apart for each purpose: what is signed for one is worth nothing for another. */
export interface Keyring {
  /** The id of the key that signs now; kept beside what it signed, so that it can be checked after a rotation. */
  readonly currentKeyId: string;
  /** @returns the 256-bit MAC of the parts, or undefined when the key is no longer known. */
  sign(keyId: string, purpose: string, parts: readonly (string | Buffer)[]): Buffer | undefined;
}

/** Makes the keyring from secrets of at least 32 bytes each; the first signs, the others only check. */
export function openKeyring(secrets: readonly [Buffer, ...Buffer[]]): Keyring {
  const keys = new Map(secrets.map((secret) => [keyIdOf(secret), secret]));
  return {
    currentKeyId: keyIdOf(secrets[0]),
    sign(keyId, purpose, parts) {
      const secret = keys.get(keyId);
      if (!secret) return undefined;
      const key = Buffer.from(hkdfSync("sha256", secret, "", `rekey ${purpose}`, 32));
      const mac = createHmac("sha256", key);
      // Each part is preceded by its length, so that no two lists of parts give the same bytes.
      for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
      return mac.digest();
    },
  };
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
