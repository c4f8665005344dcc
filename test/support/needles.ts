import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { codeOf } from "../../src/lib/error-words.ts";

/** So many bytes of a piece decide where it is looked for in full. */
const PREFIX = 3;

/** @returns every form in which these tokens could lie somewhere: whole, and the MAC alone; as bytes, hexadecimal, and base64. */
export function formsOf(tokens: readonly string[]): readonly Buffer[] {
  return tokens.flatMap((token) => {
    const bytes = Buffer.from(token, "base64url");
    const mac = bytes.subarray(16);
    const texts = [bytes, mac].flatMap((one) => [
      one.toString("base64url"),
      one.toString("base64").replace(/=+$/, ""),
      one.toString("hex"),
      one.toString("hex").toUpperCase(),
    ]);
    // The end of a token is its MAC's, wherever the base64 of the whole begins.
    return [mac, ...[...texts, token.slice(22)].map((text) => Buffer.from(text))];
  });
}

/** @returns those of the pieces that lie in any of the places; one pass over each place, however many pieces there are. */
export function findBytes(places: readonly Buffer[], pieces: readonly Buffer[]): readonly Buffer[] {
  const byPrefix = Map.groupBy(pieces, (piece) => piece.readUIntBE(0, PREFIX));
  const isPrefix = new Uint8Array(2 ** (8 * PREFIX));
  for (const prefix of byPrefix.keys()) isPrefix[prefix] = 1;
  const found = new Set<Buffer>();
  for (const place of places) {
    let window = 0;
    for (let at = 0; at < place.length; at += 1) {
      window = ((window << 8) | (place[at] ?? 0)) & 0xffffff;
      if (isPrefix[window] !== 1) continue;
      const rest = place.subarray(at - PREFIX + 1);
      const here = byPrefix.get(window)?.filter((piece) => rest.subarray(0, piece.length).equals(piece));
      here?.forEach((piece) => found.add(piece));
    }
  }
  return [...found];
}

/** @returns the contents of every file in the directory and below, or of those below a folder of this name. */
export function readFiles(directory: string, folder?: string): readonly Buffer[] {
  const wanted = folder === undefined || directory.split(path.sep).includes(folder);
  return (ifThere(() => readdirSync(directory, { withFileTypes: true })) ?? []).flatMap((entry) => {
    const place = path.join(directory, entry.name);
    if (entry.isDirectory()) return readFiles(place, folder);
    return (wanted && entry.isFile() ? ifThere(() => readFileSync(place)) : undefined) ?? [];
  });
}

/** @returns what was read, or undefined where a database at work has taken it away since it was listed. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
