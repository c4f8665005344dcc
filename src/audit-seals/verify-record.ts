import type { Instance } from "#instances/instance.ts";
import { sameMac } from "#platform/crypto/keyring.ts";
import type { Deps } from "#platform/deps.ts";
import { findLooseEvent, findUnfitEvent } from "./judge-events.ts";
import { judgeWaiting, type WaitingEvents } from "./judge-waiting.ts";
import { DIGEST_BYTES, hashOfSeal, headWords, listSeals, macOfSeal, type Seal } from "./seal.ts";

/** So many seals are looked at together, with at most a thousand events each. */
const SEALS_AT_ONCE = 20;

/** What became of the chain as far as it was walked. */
interface Walked {
  readonly seals: number;
  readonly events: number;
  /** Those among them that were recorded before there were marks, or were sealed beside such events. */
  readonly unmarkedEvents: number;
  readonly last: Seal | undefined;
  /** The first of the newest seals whose keys are not known here. */
  readonly unproven: number | undefined;
  /** Which of the heads that somebody kept are in the chain. */
  readonly keptHeads: readonly string[];
  /** The first place where the record does not hold. */
  readonly fault: string | undefined;
}

/** What is to be said of the record of one instance. */
export interface Verdict extends Omit<Walked, "unproven">, WaitingEvents {}

/**
 * Walks the whole chain of an instance and looks at every event that it seals, at every event that it does not, and at those
 * that wait. A page at a time, so that neither memory nor anybody's request waits for it. Changes nothing.
 * @param heads that somebody kept, as `headWords` writes them.
 */
export async function verifyRecord(deps: Deps, instance: Instance, heads: ReadonlySet<string>): Promise<Verdict> {
  const { unproven, ...walked } = await walkChain(deps, instance, heads);
  const unprovenFault =
    unproven === undefined
      ? undefined
      : `The seals from number ${unproven} on were made with a key that REKEY_SECRET does not hold, so nobody can tell whose they are. Give the key back, after the newer ones.`;
  const waiting = await judgeWaiting(deps, instance, walked.last);
  const fault = walked.fault ?? unprovenFault ?? (await findLooseEvent(deps, instance)) ?? waiting.fault;
  return { ...walked, ...waiting, fault };
}

const NOTHING: Walked = {
  seals: 0,
  events: 0,
  unmarkedEvents: 0,
  last: undefined,
  unproven: undefined,
  keptHeads: [],
  fault: undefined,
};

async function walkChain(deps: Deps, instance: Instance, heads: ReadonlySet<string>): Promise<Walked> {
  let walked = NOTHING;
  for (;;) {
    const options = { after: walked.last?.number ?? 0, limit: SEALS_AT_ONCE };
    const page = await deps.db.inInstance(instance.id, (tx) => listSeals(tx, { instance }, options));
    if (page.length === 0) return walked;
    const sound: Seal[] = [];
    for (const seal of page) {
      walked = step(deps, walked, seal, heads);
      if (walked.fault !== undefined) break;
      sound.push(seal);
    }
    const unfit = await findUnfitEvent(deps, instance, sound);
    if (unfit !== undefined || walked.fault !== undefined) return { ...walked, fault: unfit ?? walked.fault };
  }
}

/** One seal further, or not. */
function step(deps: Deps, walked: Walked, seal: Seal, heads: ReadonlySet<string>): Walked {
  const fault = judgeSeal(walked.last, seal);
  const expected = macOfSeal(deps.keyring, seal);
  const isForeign = expected !== undefined && !sameMac(expected, seal.mac);
  if (fault !== undefined || isForeign)
    return { ...walked, fault: fault ?? `Seal ${seal.number} was not made by this program: its mark is not right.` };
  const words = headWords(seal);
  return {
    seals: walked.seals + 1,
    events: walked.events + seal.eventCount,
    unmarkedEvents: walked.unmarkedEvents + (seal.hasUnmarked ? seal.eventCount : 0),
    last: seal,
    unproven: expected === undefined ? (walked.unproven ?? seal.number) : undefined,
    keptHeads: heads.has(words) ? [...walked.keptHeads, words] : walked.keptHeads,
    fault: undefined,
  };
}

function judgeSeal(last: Seal | undefined, seal: Seal): string | undefined {
  const number = (last?.number ?? 0) + 1;
  if (seal.number !== number) return `Seal ${number} is missing.`;
  if (!hashOfSeal(seal, seal.mac).equals(seal.hash)) return `Seal ${number} was altered.`;
  if (!seal.previousHash.equals(last?.hash ?? Buffer.alloc(0)))
    return `Seal ${number} does not follow seal ${number - 1}: one of the two was replaced.`;
  return seal.eventDigests.length === seal.eventCount * DIGEST_BYTES ? undefined : `Seal ${number} was altered.`;
}
