import { ROOT } from "../support/child.ts";
import { inPlantedCopy } from "../support/plant-fault.ts";
import { type Endpoint, startEndpoint } from "./endpoint.ts";
import { explain } from "./explained-findings.ts";
import { describe, type Finding } from "./finding.ts";
import { PLANTED_EDITS, PLANTED_FLAWS, plantedTargets } from "./planted-flaws.ts";
import type { Proxy } from "./proxy.ts";
import { type ScannedProgram, startScannedProgram } from "./scanned-program.ts";
import { type SqlTarget, sqlTargets } from "./sql-targets.ts";
import { needSqlmap, runSqlmap } from "./sqlmap.ts";
import { MODULES, needWapiti, runWapiti } from "./wapiti.ts";

/** What a stranger is shown; a dead link stands for every link. */
const PUBLIC_PAGES = [
  "/sign-in",
  "/sign-in?next=/settings",
  "/forgot-password",
  "/forgot-password/sent",
  "/reset-password",
  "/reset-password/dead",
  "/not-me/dead",
] as const;

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

/** The program with planted flaws is scanned, then the genuine one. @returns whether all of the former and nothing of the latter was found. */
export async function runScans(signal: AbortSignal): Promise<Result> {
  await needWapiti();
  await needSqlmap();
  const planted = await inPlantedCopy(PLANTED_EDITS, (copy) => scanning(copy, signal, scanPlanted));
  if (!planted.ok) return planted;
  console.log(planted.output);
  return scanning(ROOT, signal, scanGenuine);
}

/** One program under attack, and what ends the scanners when one of them breaks off. */
interface Scan {
  readonly program: ScannedProgram;
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
}

async function scanning(root: string, signal: AbortSignal, work: (scan: Scan) => Promise<Result>): Promise<Result> {
  const endpoint = await startEndpoint();
  const program = await startScannedProgram(root);
  const ending = new AbortController();
  try {
    return await work({ program, endpoint, signal: AbortSignal.any([signal, ending.signal]) });
  } finally {
    ending.abort();
    await program.stop();
    endpoint.close();
  }
}

/** Where a flaw was planted, the scanner for it has to say so; what it says beside that is of a broken program. */
async function scanPlanted(scan: Scan): Promise<Result> {
  const findings = [
    ...(await runSqlmapOn(scan, plantedTargets(scan.program))),
    ...(await runWapiti(scan, {
      as: "asOwner",
      starts: ["/settings/users"],
      modules: "sql,xss,permanentxss",
    })),
    ...(await runWapiti(scan, { as: "asStranger", starts: PUBLIC_PAGES, modules: "xss" })),
    ...scan.program.databaseFindings(),
  ];
  const lines = PLANTED_FLAWS.flatMap(({ sentence, found }) =>
    found.map((wanted) => {
      const isFound = findings.some(
        (each) => wanted.by === each.by && wanted.what.test(each.what) && wanted.where.test(each.where),
      );
      return {
        isFound,
        line: `${isFound ? "found" : "NOT FOUND"}: ${sentence}, by ${wanted.by} at ${wanted.where.source}\n`,
      };
    }),
  );
  return { ok: lines.every(({ isFound }) => isFound), output: lines.map(({ line }) => line).join("") };
}

async function scanGenuine(scan: Scan): Promise<Result> {
  const { asOwner, asStranger } = scan.program;
  const [injections, pages] = await Promise.all([
    runSqlmapOn(scan, sqlTargets(scan.program)),
    runWapiti(scan, { starts: ["/"], as: "asOwner", modules: MODULES }),
  ]);
  const findings = [
    ...injections,
    ...pages,
    ...(await runWapiti(scan, { starts: PUBLIC_PAGES, as: "asStranger", modules: MODULES })),
    ...[asOwner, asStranger, scan.endpoint].flatMap((each) => each.findings),
    ...scan.program.databaseFindings(),
  ];
  const faults = findings.filter((finding) => explain(finding) === undefined);
  const explained = `${findings.length - faults.length} findings are explained in docs/security.md\n`;
  const scanned = `As the Owner: ${summaryOf(asOwner)}\nAs a stranger: ${summaryOf(asStranger)}\n`;
  return { ok: faults.length === 0, output: scanned + explained + faults.map(describe).join("") };
}

async function runSqlmapOn(scan: Scan, targets: readonly SqlTarget[]): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const target of targets) found.push(...(await runSqlmap(scan.program, target, scan.signal)));
  return found;
}

function summaryOf({ statuses, addresses }: Proxy): string {
  const answers = [...statuses]
    .toSorted(([one], [other]) => one - other)
    .map(([status, times]) => `${times} × ${status}`);
  return `${addresses.size} addresses, ${answers.join(", ")}`;
}
