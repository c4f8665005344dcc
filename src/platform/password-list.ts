import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Passwords that were leaked somewhere, by their SHA-1. The list may be far larger than memory. */
export interface PasswordList {
  /** @param hash SHA-1 in hexadecimal, upper case. */
  has(hash: string): Promise<boolean>;
  close(): Promise<void>;
}

export const PASSWORD_LIST_EXPECTED =
  "a file of SHA-1 hashes in upper case, sorted, one a line, as Pwned Passwords has them (HASH or HASH:count)";

/** 40 digits, a colon, a count and the end of the line; nothing in such a file is longer. */
const LONGEST_LINE_BYTES = 64;
const LINE = /^([0-9A-F]{40})(?::\d{1,20})?\r?$/;
const LINE_FEED = 10;

/** So many lines are looked at when the program starts, the first and the last among them. */
const LOOKS = 64;

/**
 * @returns the list of an examined file, which is kept open and never read whole: a search reads about as many lines as the
 *   number of all lines has binary digits, 30 of a thousand million.
 */
export async function openPasswordList(path: string): Promise<PasswordList> {
  const file = await open(path);
  const { size } = await file.stat();
  return { has: (hash) => contains(file, size, hash), close: () => file.close() };
}

/** @throws Error whose message says why the file cannot be searched: missing, unreadable, or not as `PASSWORD_LIST_EXPECTED`. */
export function examinePasswordList(path: string): void {
  const file = openSync(path, "r");
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error("it is no ordinary file");
    if (status.size === 0) throw new Error("it is empty");
    requireSorted(file, status.size);
  } finally {
    closeSync(file);
  }
}

function requireSorted(file: number, size: number): void {
  let before: Line | undefined;
  for (let look = 0; look < LOOKS; look += 1) {
    const at = Math.floor(((size - 1) * look) / (LOOKS - 1));
    const { from, length } = windowAround(at, size);
    const window = Buffer.alloc(length);
    readSync(file, window, 0, length, from);
    const line = lineAround(window, from, at);
    if (before && before.start < line.start && before.hash >= line.hash)
      throw new Error("it is not sorted by its hashes");
    before = line;
  }
}

/** Halves what is left until it is nothing. What is left always begins and ends with whole lines. */
async function contains(file: FileHandle, size: number, hash: string): Promise<boolean> {
  let start = 0;
  let end = size;
  while (start < end) {
    const line = await readLine(file, size, Math.floor((start + end) / 2));
    if (line.hash === hash) return true;
    if (line.hash < hash) start = line.end;
    else end = line.start;
  }
  return false;
}

async function readLine(file: FileHandle, size: number, at: number): Promise<Line> {
  const { from, length } = windowAround(at, size);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
  if (bytesRead < length) throw new Error("The file of PASSWORD_LIST_FILE was cut while it was in use");
  return lineAround(buffer, from, at);
}

interface Line {
  readonly hash: string;
  /** Where it begins in the file, and where the next one does. */
  readonly start: number;
  readonly end: number;
}

function windowAround(at: number, size: number): { from: number; length: number } {
  const from = Math.max(0, at - LONGEST_LINE_BYTES);
  return { from, length: Math.min(size, at + LONGEST_LINE_BYTES) - from };
}

/** @returns the line that the byte is part of, its end included. */
function lineAround(window: Buffer, from: number, at: number): Line {
  const start = window.subarray(0, at - from).lastIndexOf(LINE_FEED) + 1;
  const feed = window.indexOf(LINE_FEED, at - from);
  const end = feed < 0 ? window.length : feed;
  const text = window.toString("latin1", start, end);
  const hash = LINE.exec(text)?.[1];
  if (hash === undefined) throw new Error(whyNoHash(text, from + start));
  return { hash, start: from + start, end: from + end + 1 };
}

/** Says nothing of what stands there: somebody may have named the wrong file, one with secrets. */
function whyNoHash(line: string, at: number): string {
  if (/^[0-9a-f]{32}(?![0-9a-f])/i.test(line)) return "it holds NTLM hashes, of 32 digits; take the list of SHA-1";
  if (/^[0-9a-f]{40}(?![0-9a-f])/i.test(line) && /^[0-9A-F]*[a-f]/.test(line))
    return `the hash at byte ${at} is not in upper case`;
  return `there is no such line at byte ${at}`;
}
