import { setTimeout as pause } from "node:timers/promises";

import { type RawBuilder, sql } from "kysely";

import type { Instance } from "#instances/instance.ts";
import { after, DAY_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Claim } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";
import type { Email, MailKinds } from "./email.ts";
import { isAddressAtFault } from "./smtp-answer.ts";
import { suppressAddress } from "./suppressed-address.ts";

const AGAIN_AFTER_MS = SECOND_MS / 2;
const FIRST_WAIT_MS = 5 * SECOND_MS;
const LONGEST_WAIT_MS = 5 * MINUTE_MS;
/** A mail that no server took for this long is given up. A link's own cap comes first, and takes its mail with it. */
const GIVE_UP_AFTER_MS = DAY_MS;

/** A mail that this worker holds. */
export interface Held {
  readonly instance: Instance;
  readonly claim: Claim;
  readonly email: Email;
}

/** What became of an attempt. */
interface Settling extends Held {
  readonly handover: Handover;
  /** Called as soon as the end of this program can no longer undo the record, and the next mail may end. */
  readonly onRecorded?: () => void;
}

/**
 * What became of the attempt is written down, and whoever queued the mail follows, in one statement. A database that is away
 * for a moment is no reason to send the mail again: it is written down when it is back. Repeats safely.
 */
export async function settleEmail(deps: Deps, kinds: MailKinds, of: Settling): Promise<void> {
  for (;;) {
    try {
      return await settleOnce(deps, kinds, of);
    } catch (error) {
      if (deps.stopping.aborted || !(error instanceof RekeyError)) throw error;
      deps.log.warn("what became of a mail could not be written down yet", { email: of.email.id, error: error.code });
      await pause(AGAIN_AFTER_MS);
    }
  }
}

async function settleOnce(deps: Deps, kinds: MailKinds, of: Settling): Promise<void> {
  const { instance, email } = of;
  const at = deps.clock.now();
  const handover = isGivenUp(of, at) ? ({ ...of.handover, outcome: "refused" } as const) : of.handover;
  const { outcome, server, answer } = handover;
  const follow = kinds[email.kind]?.follow?.({ instance, email, at }, handover) ?? [];
  const settlement = settlementOf(of, { ...changeBy(handover, email, at), server, answer }, follow);
  if (outcome !== "refused" || !isAddressAtFault(answer))
    await deps.db.runInInstance(instance.id, settlement, of.onRecorded);
  else {
    await deps.db.inInstance(instance.id, async (tx) => {
      await settlement.execute(tx);
      await suppressAddress(tx, instance, at, { server, answer, address: email.to_address });
    });
  }
  if (outcome !== "accepted")
    deps.log.warn(`a mail was ${outcome}`, { email: email.id, kind: email.kind, server, answer });
}

/** Nobody waits for the mail any more. */
export async function dropEmail(deps: Deps, held: Held): Promise<void> {
  const settlement = settlementOf(held, { state: "dropped", settled_at: deps.clock.now() });
  await deps.db.runInInstance(held.instance.id, settlement);
}

/** The mail is not tried before then. */
export async function putOffEmail(deps: Deps, held: Held, until: Date): Promise<void> {
  await deps.db.runInInstance(held.instance.id, settlementOf(held, { next_attempt_at: until }));
}

function isGivenUp({ email, handover }: Settling, at: Date): boolean {
  return handover.outcome !== "accepted" && at.getTime() - email.queued_at.getTime() > GIVE_UP_AFTER_MS;
}

type Change = Readonly<Partial<Record<keyof Email, string | number | Date>>>;

function changeBy({ outcome }: Handover, { deferrals }: Email, at: Date): Change {
  if (outcome === "accepted") return { state: "accepted", settled_at: at };
  if (outcome === "refused") return { state: "failed", settled_at: at };
  return { next_attempt_at: after(at, waitMs(outcome, deferrals)), deferrals: deferrals + 1 };
}

/** Doubles with each time, with a fifth of chance in it so that mails do not come back in one crowd. Who answers nobody answers this one soon. */
function waitMs(outcome: "deferred" | "unreachable", deferrals: number): number {
  const wait = outcome === "unreachable" ? FIRST_WAIT_MS : Math.min(FIRST_WAIT_MS * 2 ** deferrals, LONGEST_WAIT_MS);
  return wait * (0.9 + Math.random() * 0.2);
}

/** Only the claim that sent the mail settles it: one that took longer than its lease finds another attempt under way. */
function settlementOf(
  { claim }: Held,
  change: Change,
  follow: readonly RawBuilder<unknown>[] = [],
): RawBuilder<unknown> {
  const set = Object.entries(change).map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
  const following = follow.map((statement, index) => sql`, ${sql.ref(`following_${index}`)} as (${statement})`);
  return sql`
    with settled as (
      update emails set ${sql.join(set)}
      where instance_id = ${claim.instanceId} and id = ${claim.id} and state = 'queued' and attempts = ${claim.attempt}
      returning id)${sql.join(following, sql``)}
    select ${changeOf(claim.instanceId)} from settled`;
}
