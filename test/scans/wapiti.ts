import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { runChild } from "../support/child.ts";
import { installDebianPackage } from "../support/debian-package.ts";
import type { Endpoint } from "./endpoint.ts";
import { addressOf, type Finding } from "./finding.ts";
import type { ScannedProgram } from "./scanned-program.ts";

/**
 * What of the scanner's modules makes sense for a program that is no pile of files under a web server. The one for queries that
 * wait knows none that PostgreSQL takes; sqlmap does.
 */
export const MODULES =
  "sql,xss,permanentxss,exec,file,redirect,crlf,csrf,cookieflags,http_headers,csp,ssrf,xxe,methods,htaccess";

/** Level 2 attacks the query of addresses that have none, too. The bug report and the endpoint would leave this machine. */
const HOW = "--level 2 --flush-session --no-bugreport --format json --verbose 1 --timeout 6".split(" ");

/** The orders and kinds of a list multiply its addresses without another line of the program behind them; sqlmap attacks both. */
const NOT_FOLLOWED = ["--remove", "sort", "--remove", "status"];

interface WapitiReport {
  readonly vulnerabilities: Readonly<Record<string, readonly WapitiEntry[]>>;
  readonly anomalies: Readonly<Record<string, readonly WapitiEntry[]>>;
}

interface WapitiEntry {
  readonly method: string;
  readonly path: string;
  readonly parameter: string | null;
  readonly info: string;
}

interface Attack {
  readonly as: "asOwner" | "asStranger";
  /** Where it begins to follow the links; it stays beneath the first. */
  readonly starts: readonly [string, ...string[]];
  readonly modules: string;
}

/** wapiti can be run; a minute is enough to install it. @throws Error one plain sentence where it cannot */
export async function needWapiti(): Promise<void> {
  const brings = "wapiti, which attacks pages and forms";
  if (!existsSync("/usr/bin/wapiti")) await installDebianPackage({ name: "wapiti", brings });
}

/**
 * @returns what wapiti found, each kind at each address once; that it or one of its modules broke off is a finding, so that
 *   silence is never taken for health.
 */
export async function runWapiti(
  on: { program: ScannedProgram; endpoint: Endpoint; signal: AbortSignal },
  { as, starts, modules }: Attack,
): Promise<readonly Finding[]> {
  const [url, ...others] = starts.map((start) => `${on.program[as].origin}${start}`);
  const directory = mkdtempSync(path.join(tmpdir(), "rekey-wapiti-"));
  const report = path.join(directory, "report.json");
  const places = ["--output", report, "--store-session", directory, "--store-config", directory];
  const where = ["--url", String(url), ...others.flatMap((other) => ["--start", other])];
  const what = ["--scope", "folder", "--module", modules, "--endpoint", on.endpoint.url];
  try {
    const { output } = await runChild("wapiti", [...HOW, ...NOT_FOLLOWED, ...places, ...where, ...what], on);
    const broken = /^.*\n(?: {2}File ".*\n(?: {4}.*\n)*)+|^Traceback[^]*$/m.exec(output)?.[0];
    const found = existsSync(report) ? findingsOf(JSON.parse(readFileSync(report, "utf8")) as WapitiReport) : [];
    if (broken === undefined && existsSync(report)) return found;
    return [...found, { by: "wapiti", what: "no end", where: starts[0], parameter: "", detail: broken ?? output }];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function findingsOf({ vulnerabilities, anomalies }: WapitiReport): readonly Finding[] {
  const kinds = [...Object.entries(vulnerabilities), ...Object.entries(anomalies)];
  const found = kinds.flatMap(([what, entries]) =>
    entries.map(({ method, path: target, parameter, info }) => {
      const where = `${method} ${addressOf(target)}`;
      return { by: "wapiti", what, where, parameter: parameter ?? "", detail: info } as const;
    }),
  );
  return [...new Map(found.map((each) => [`${each.what} ${each.where} ${each.parameter}`, each])).values()];
}
