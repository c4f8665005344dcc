import path from "node:path";

import { ROOT, runNode, stopSignal } from "./support/child.ts";

const CHECKS = [
  { name: "Types", tool: "typescript/bin/tsc", args: ["--pretty", "false"] },
  { name: "Lint", tool: "oxlint/bin/oxlint", args: ["--type-aware", "--deny-warnings"] },
  { name: "Format", tool: "@biomejs/biome/bin/biome", args: ["format", "--reporter=summary", "."] },
  { name: "Dead code", tool: "knip/bin/knip.js", args: ["--no-progress"] },
];

/**
 * Types, lint, format and dead code have been looked at side by side, and what is wrong is printed.
 * @returns whether nothing is wrong.
 */
export async function check(signal: AbortSignal): Promise<boolean> {
  const runs = await Promise.all(CHECKS.map(({ tool, args }) => runNode([toolPath(tool), ...args], { signal })));
  for (const [index, { ok, output }] of runs.entries()) {
    if (!ok) console.log(`${CHECKS[index]?.name}:\n${output.trim()}\n`);
  }
  return runs.every(({ ok }) => ok);
}

function toolPath(tool: string): string {
  return path.join(ROOT, "node_modules", tool);
}

if (import.meta.main) process.exitCode = (await check(stopSignal())) ? 0 : 1;
