import { headWords } from "#audit-seals/seal.ts";
import { type Verdict, verifyRecord } from "#audit-seals/verify-record.ts";
import { type Instance, listInstances } from "#instances/instance.ts";
import type { Deps } from "#platform/deps.ts";
import { chooseInstance, type Command, type Options, type Said, text, UsageError } from "./command.ts";

/** What the operator does with the record. */
export const AUDIT_COMMANDS: Readonly<Record<string, Command>> = {
  "audit verify": {
    usage: "audit verify [--instance <origin>] [--head <number>:<hash>[,…]]",
    run: runAuditVerify,
  },
};

interface Verified {
  readonly instance: Instance;
  readonly verdict: Verdict;
}

/** All instances unless one is named, suspended ones too: what was recorded stays. */
async function runAuditVerify(deps: Deps, options: Options): Promise<Said> {
  const heads = readHeads(options);
  const isNamed = text(options, "instance") !== undefined;
  const instances = isNamed ? [(await chooseInstance(deps, options)).instance] : await listInstances(deps.db);
  const all: Verified[] = [];
  for (const instance of instances) all.push({ instance, verdict: await verifyRecord(deps, instance, heads) });
  const found = new Set(all.flatMap(({ verdict }) => verdict.keptHeads));
  const lost = [...heads].filter((head) => !found.has(head));
  const isSound = lost.length === 0 && all.every(({ verdict }) => verdict.fault === undefined);
  const lines = [...all.map(lineOf), ...lost.map(lostWords)];
  return {
    text: lines.join("\n") || "There is no instance yet.",
    json: { instances: all.map(asJson), lost_heads: lost },
    exitCode: isSound ? 0 : 1,
  };
}

/** @throws UsageError */
function readHeads(options: Options): ReadonlySet<string> {
  const given = text(options, "head")?.split(",") ?? [];
  const heads = given.map((head) => head.trim().toLowerCase());
  if (heads.some((head) => !/^[1-9]\d*:[0-9a-f]{64}$/.test(head)))
    throw new UsageError(
      "--head expects what the mail about the record calls its seal: a number, a colon and 64 digits and letters.",
    );
  return new Set(heads);
}

function lineOf({ instance, verdict }: Verified): string {
  const name = `${instance.origin}  ${instance.name}: `;
  if (verdict.fault !== undefined) return `${name}the record DOES NOT HOLD. ${verdict.fault}`;
  return `${name}${[sealedWords(verdict), unmarkedWords(verdict), waitingWords(verdict)].filter(Boolean).join(" ")}`;
}

function sealedWords({ events, seals, last }: Verdict): string {
  if (!last) return "nothing is sealed yet.";
  const when = new Date(Number(last.sealedAt) * 1_000).toISOString();
  return `holds. ${counted(events, "event")} in ${counted(seals, "seal")}, the newest of ${when} is ${headWords(last)}.`;
}

function unmarkedWords({ unmarkedEvents: count }: Verdict): string {
  return count > 0 ? `${counted(count, "event")} among them from before there were seals.` : "";
}

/** They may have been recorded this moment, or a worker is missing: whoever reads it knows which. */
function waitingWords({ waiting, waitingSince }: Verdict): string {
  if (waiting === 0) return "";
  const wait = waiting === 1 ? "waits" : "wait";
  return `${counted(waiting, "event")} ${wait} to be sealed, since ${waitingSince?.toISOString() ?? "an unknown time"}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function lostWords(head: string): string {
  return `The seal ${head} is in no record that was looked at: the record was cut off before it, or made anew.`;
}

function asJson({ instance, verdict }: Verified) {
  const { events, seals, last, unmarkedEvents, waiting, waitingSince, fault } = verdict;
  return {
    id: instance.id,
    origin: instance.origin,
    name: instance.name,
    holds: fault === undefined,
    fault: fault ?? null,
    events,
    seals,
    head: last ? headWords(last) : null,
    events_from_before_seals: unmarkedEvents,
    waiting,
    waiting_since: waitingSince ?? null,
  };
}
