import { findInstances, type Instance } from "#instances/instance.ts";
import { after, DAY_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { type Turn, takeTurns } from "#lib/turns.ts";
import { changeOf } from "#platform/database/changes.ts";
import type { Claim, Queue, Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { Handover, MailMessage, MailTransport } from "#platform/mail/mail-transport.ts";
import { SMTP_CONNECTIONS } from "#platform/mail/smtp-transport.ts";
import type { Email, MailKinds } from "./email.ts";
import { type MailLimits, watchLimits } from "./mail-limits.ts";
import { senderOf } from "./sender.ts";
import { watchServer } from "./server-watch.ts";
import { isAddressAtFault } from "./smtp-answer.ts";
import { findSuppression, suppressAddress } from "./suppressed-address.ts";

/** A mail is claimed anew this long after its worker was last heard of; jobs resume within 30 seconds of a crash. */
const LEASE_MS = 20 * SECOND_MS;
const HOLD_EVERY_MS = 5 * SECOND_MS;
const FIRST_WAIT_MS = 5 * SECOND_MS;
const LONGEST_WAIT_MS = 5 * MINUTE_MS;
/** A mail that no server took for this long is given up. A link's own cap comes first, and takes its mail with it. */
const GIVE_UP_AFTER_MS = DAY_MS;
/** A server that thinks longer about one mail than this does not keep the others waiting. */
const PATIENCE_MS = 2 * SECOND_MS;

/** How many of each queue go out at once: a connection is always left for a single mail. */
const AT_ONCE = { emails: SMTP_CONNECTIONS, bulk_emails: SMTP_CONNECTIONS - 1 } as const;

/** What mails leave by. */
export interface MailRoute {
  readonly transport: MailTransport;
  readonly kinds: MailKinds;
  readonly limits: MailLimits;
  /** @returns where a server reports that it could not deliver the mail; left out, that is the sender. */
  readonly returnPathOf?: ((email: Pick<Email, "instance_id" | "id">) => string) | undefined;
}

/** How mails leave, and what this process has learned of the server. */
export interface Delivery extends MailRoute {
  readonly server: ReturnType<typeof watchServer>;
  readonly limit: ReturnType<typeof watchLimits>;
  /**
   * Held by one mail from before its last byte until what became of it is written down, so that a crash in between repeats
   * one mail at most.
   */
  readonly settling: () => Turn;
}

/** @returns the delivery that goes by this route; one for each process. */
export function openDelivery(route: MailRoute): Delivery {
  const { limits } = route;
  return { ...route, server: watchServer(), limit: watchLimits(limits), settling: takeTurns(PATIENCE_MS) };
}

/**
 * Hands over mails of the queue that are due, each in its own conversation: claimed, written, sent, settled. Safe to run on
 * several workers and twice at once.
 * @returns how many mails were claimed; the caller looks again at once while there are any.
 */
export async function deliverEmails(
  deps: Deps,
  delivery: Delivery,
  queue: Extract<Queue, "emails" | "bulk_emails">,
): Promise<number> {
  const now = deps.clock.now();
  const limit = delivery.server.mostAtOnce(now, AT_ONCE[queue]);
  if (limit === 0) return 0;
  const claims = await deps.db.claim(queue, now, { limit, leaseMs: LEASE_MS });
  const instances = await findInstances(deps.db, [...new Set(claims.map(({ instanceId }) => instanceId))]);
  const underWay = new Set(claims);
  const holding = setInterval(() => void hold(deps, queue, [...underWay]), HOLD_EVERY_MS);
  const delivered = claims.map(async (claim) => {
    const instance = instances.get(claim.instanceId);
    if (instance) await tryOne(deps, delivery, { instance, claim });
    underWay.delete(claim);
  });
  await Promise.all(delivered).finally(() => clearInterval(holding));
  return claims.length;
}

/** A mail that this worker holds, with the instance that it is of. */
interface Held {
  readonly instance: Instance;
  readonly claim: Claim;
}

/** A slow server is no reason for another worker to send the same mail. */
async function hold(deps: Deps, queue: Queue, claims: readonly Claim[]): Promise<void> {
  await deps.db.hold(queue, claims, after(deps.clock.now(), LEASE_MS)).catch((error: unknown) => {
    deps.log.warn("mails under way could not be held", { error: String(error) });
  });
}

async function tryOne(deps: Deps, delivery: Delivery, held: Held): Promise<void> {
  try {
    await deliverOne(deps, delivery, held);
  } catch (error) {
    deps.log.error("a mail could not be written or settled and will be tried again", {
      email: held.claim.id,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}

async function deliverOne(deps: Deps, delivery: Delivery, held: Held): Promise<void> {
  const written = await write(deps, delivery, held);
  if (!written) return;
  const turn = delivery.settling();
  try {
    const handover = await delivery.transport.send({ ...written.message, beforeEnd: turn.take });
    delivery.server.heard(deps.clock.now(), handover);
    await settle(deps, delivery, { ...held, email: written.email, handover });
  } finally {
    turn.release();
  }
}

/** The mail is written in a transaction of its own that ends before the conversation with the server begins. */
async function write(
  deps: Deps,
  delivery: Delivery,
  { instance, claim }: Held,
): Promise<{ email: Email; message: MailMessage } | undefined> {
  const now = deps.clock.now();
  return deps.db.inInstance(instance.id, async (tx) => {
    const email = await getEmail(tx, claim);
    const kind = delivery.kinds[email.kind];
    const attempt = { instance, email, at: now };
    if (!kind || !((await kind.isWanted?.(tx, attempt)) ?? true)) return drop(tx, claim, now);
    const suppressed = await findSuppression(tx, instance, email.to_address);
    if (suppressed) {
      const answer = `Not sent: the address bounced before (${suppressed.answer})`;
      await record(tx, delivery, { instance, claim, email, at: now, handover: { ...NOT_SENT, answer } });
      return undefined;
    }
    const waitUntil = delivery.limit(instance.id, email.to_address, now);
    if (waitUntil) return putOff(tx, claim, waitUntil);
    const mail = await kind.write(tx, attempt);
    const from = senderOf(instance, deps.mail.defaultSender);
    const replyTo = instance.replyTo ?? undefined;
    const returnPath = delivery.returnPathOf?.(email);
    const envelope = { from, to: email.to_address, replyTo, returnPath };
    return { email, message: { ...mail, ...envelope, messageId: email.message_id, date: email.queued_at } };
  });
}

const NOT_SENT = { outcome: "refused", server: "Rekey" } as const;

interface Settling extends Held {
  readonly email: Email;
  readonly handover: Handover;
}

async function settle(deps: Deps, delivery: Delivery, of: Settling): Promise<void> {
  const { instance, email, handover } = of;
  const now = deps.clock.now();
  const isGivenUp = handover.outcome !== "accepted" && now.getTime() - email.queued_at.getTime() > GIVE_UP_AFTER_MS;
  const final: Handover = isGivenUp ? { ...handover, outcome: "refused" } : handover;
  await deps.db.inInstance(instance.id, async (tx) => {
    await record(tx, delivery, { ...of, at: now, handover: final });
    if (final.outcome === "refused" && isAddressAtFault(final.answer))
      await suppressAddress(tx, instance, now, { ...final, address: email.to_address });
  });
  if (final.outcome === "accepted") return;
  const { server, answer } = final;
  deps.log.warn(`a mail was ${final.outcome}`, { email: email.id, kind: email.kind, server, answer });
}

/** Only the claim that sent the mail settles it: one that took longer than its lease finds another attempt under way. */
async function record(tx: Tx, delivery: Delivery, of: Settling & { at: Date }): Promise<void> {
  const { instance, claim, email, at, handover } = of;
  const { outcome, server, answer } = handover;
  const isWaiting = outcome === "deferred" || outcome === "unreachable";
  const settled = await emailsOf(tx, claim)
    .set({
      ...(isWaiting
        ? { next_attempt_at: after(at, waitMs(outcome, email.deferrals)), deferrals: email.deferrals + 1 }
        : { state: outcome === "accepted" ? "accepted" : "failed", settled_at: at }),
      server,
      answer,
    })
    .returning(changeOf(instance.id).as("told"))
    .executeTakeFirst();
  if (settled) await delivery.kinds[email.kind]?.settled?.(tx, { instance, email, at }, handover);
}

async function drop(tx: Tx, claim: Claim, at: Date): Promise<undefined> {
  await emailsOf(tx, claim).set({ state: "dropped", settled_at: at }).execute();
}

async function putOff(tx: Tx, claim: Claim, until: Date): Promise<undefined> {
  await emailsOf(tx, claim).set({ next_attempt_at: until }).execute();
}

/** Doubles with each time, with a fifth of chance in it so that mails do not come back in one crowd. Who answers nobody answers this one soon. */
function waitMs(outcome: "deferred" | "unreachable", deferrals: number): number {
  const wait = outcome === "unreachable" ? FIRST_WAIT_MS : Math.min(FIRST_WAIT_MS * 2 ** deferrals, LONGEST_WAIT_MS);
  return wait * (0.9 + Math.random() * 0.2);
}

function getEmail(tx: Tx, claim: Claim): Promise<Email> {
  return tx
    .selectFrom("emails")
    .selectAll()
    .where("instance_id", "=", claim.instanceId)
    .where("id", "=", claim.id)
    .executeTakeFirstOrThrow();
}

function emailsOf(tx: Tx, claim: Claim) {
  return tx
    .updateTable("emails")
    .where("instance_id", "=", claim.instanceId)
    .where("id", "=", claim.id)
    .where("state", "=", "queued")
    .where("attempts", "=", claim.attempt);
}
