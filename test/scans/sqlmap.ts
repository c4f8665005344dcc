import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { runChild } from "../support/child.ts";
import { installDebianPackage } from "../support/debian-package.ts";
import type { Finding } from "./finding.ts";
import type { ScannedProgram } from "./scanned-program.ts";
import { type SqlTarget, whereOf } from "./sql-targets.ts";

/**
 * Every parameter and, from level 2 on, every cookie, with every technique that PostgreSQL knows; risk 2 adds queries that keep
 * it busy. A refusal is an answer like any other.
 */
const HOW =
  "--batch --level 2 --risk 2 --dbms PostgreSQL --flush-session --disable-coloring --ignore-code 401,404".split(" ");

/** sqlmap can be run; a minute is enough to install it. @throws Error one plain sentence where it cannot */
export async function needSqlmap(): Promise<void> {
  if (!existsSync("/usr/bin/sqlmap"))
    await installDebianPackage({ name: "sqlmap", brings: "sqlmap, which looks for SQL injections" });
}

/**
 * @returns what sqlmap found at the target; that it came to no end is a finding, so that silence is never taken for health.
 */
export async function runSqlmap(
  program: ScannedProgram,
  of: SqlTarget,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "rekey-sqlmap-"));
  try {
    const { output } = await runChild("sqlmap", [...HOW, "--output-dir", directory, ...requestOf(program, of)], {
      signal,
    });
    if (/do not appear to be injectable/.test(output)) return [];
    const points = [...output.matchAll(/^Parameter: (.+?) \((.*)\)\n(?: {4}.*\n|\n)*/gm)];
    const where = whereOf(of);
    if (points.length === 0)
      return [{ by: "sqlmap", what: "no end", where, parameter: "", detail: output.slice(-600) }];
    return points.map(([detail, parameter = "", place = ""]) => {
      return { by: "sqlmap", what: `SQL injection (${place})`, where, parameter, detail } as const;
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function requestOf(program: ScannedProgram, { as, target, method, json, form, headers = [] }: SqlTarget): string[] {
  const base = { owner: program.asOwner.origin, stranger: program.asStranger.origin, direct: program.origin }[as];
  const lines = [...headers, ...(json ? ["Content-Type: application/json"] : [])];
  const body = form ?? (json && JSON.stringify(json));
  return [
    "--url",
    `${base}${target}`,
    "--method",
    method,
    ...(lines.length > 0 ? ["--headers", lines.join("\\n")] : []),
    ...(body === undefined ? [] : ["--data", body]),
  ];
}
