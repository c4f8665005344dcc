import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import path from "node:path";

import { openKeyring } from "#platform/crypto/keyring.ts";
import { secretOfDirectory } from "#platform/crypto/secret-file.ts";
import { databaseDirOf, openDatabase } from "#platform/database/open-database.ts";
import { jsonLog } from "#platform/log.ts";
import { ROOT } from "./child.ts";

const KEPT = path.join(ROOT, "node_modules/.cache/rekey-test");
/** What an empty database is made of. */
const MADE_OF = ["package-lock.json", "migrations/*.ts", "src/platform/database/*.ts"];

let template: Promise<string> | undefined;

/**
 * An embedded database takes seconds to make and a moment to copy, so one is kept until what it is made of changes.
 * @param target becomes the data directory of a database in which there is nobody.
 */
export async function fillWithEmptyDatabase(target: string): Promise<void> {
  template ??= findTemplate();
  cpSync(await template, target, { recursive: true }); // A thousand small files: three times as fast as one by one.
}

async function findTemplate(): Promise<string> {
  const kept = path.join(KEPT, digestOf(MADE_OF));
  if (!existsSync(kept)) await makeTemplate(kept);
  return kept;
}

/** Whole or not at all, however many programs start at once; what was made of something else goes. */
async function makeTemplate(kept: string): Promise<void> {
  mkdirSync(KEPT, { recursive: true });
  const dataDir = mkdtempSync(`${kept}-`);
  const keyring = openKeyring([secretOfDirectory(dataDir, databaseDirOf(dataDir))]);
  const log = jsonLog("silent", () => {});
  await (await openDatabase({ databaseUrl: undefined, dataDir, keyring, log })).close();
  try {
    renameSync(dataDir, kept);
  } catch {
    rmSync(dataDir, { recursive: true }); // Another program was faster.
  }
  const others = readdirSync(KEPT).filter((name) => !name.startsWith(path.basename(kept)));
  for (const other of others) rmSync(path.join(KEPT, other), { recursive: true, force: true });
}

function digestOf(patterns: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }).toSorted()))
    hash.update(file).update(readFileSync(path.join(ROOT, file)));
  return hash.digest("hex").slice(0, 16);
}
