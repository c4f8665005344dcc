import { type Turn, takeTurns } from "#lib/turns.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { traceOf } from "#lib/error-words.ts";
import type { Deps } from "#platform/deps.ts";
import type { MailMessage, MailTransport } from "#platform/mail/mail-transport.ts";
import { SMTP_CONNECTIONS } from "#platform/mail/smtp-transport.ts";
import type { Email, MailKinds } from "./email.ts";
import { type Holding, holdEmails, type PreparedMail } from "./hold-emails.ts";
import { countMails, type MailCounts } from "./mail-counts.ts";
import { type MailLimits, watchLimits } from "./mail-limits.ts";
import { senderOf } from "./sender.ts";
import { watchServer } from "./server-watch.ts";
import { dropEmail, putOffEmail, settleEmail } from "./settle-email.ts";

/** A server that thinks longer about one mail than this does not keep the others waiting. */
const PATIENCE_MS = 2 * SECOND_MS;

/** How many mails are claimed and read together: few enough to be out soon, many enough for their reading to cost little. */
const BATCH = 20;

/** How many of each queue go out at once: a connection is always left for a single mail. */
const AT_ONCE = { emails: SMTP_CONNECTIONS, bulk_emails: SMTP_CONNECTIONS - 1 } as const;

type MailQueue = keyof typeof AT_ONCE;

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
  readonly counts: MailCounts;
  /**
   * Held by one mail from before its last byte until the end of this program can no longer undo the record of what became of
   * it, so that a crash in between repeats one mail at most.
   */
  readonly settling: () => Turn;
  /** Held while single mails go out: the next of many begins after them. */
  readonly beginning: () => Turn;
}

/** @returns the delivery that goes by this route; one for each process. */
export function openDelivery(route: MailRoute): Delivery {
  const { limits } = route;
  const [settling, beginning] = [takeTurns(PATIENCE_MS), takeTurns(PATIENCE_MS)];
  return {
    ...route,
    server: watchServer(),
    limit: watchLimits(limits),
    counts: countMails(),
    settling,
    beginning,
  };
}

/**
 * Hands over mails of the queue that are due, each in a conversation of its own; while some go out, the next are claimed and
 * read. What is held when the program stops or the server goes away is given back. Safe to run on several workers and twice
 * at once.
 * @returns how many mails were claimed; the caller looks again at once while there are any.
 */
export async function deliverEmails(deps: Deps, delivery: Delivery, queue: MailQueue): Promise<number> {
  const holding = holdEmails(deps, delivery.kinds, queue);
  const claim = (): Promise<readonly PreparedMail[]> => holding.claim(mostWorthClaiming(deps, delivery));
  const turn = delivery.beginning();
  let count = 0;
  try {
    if (queue === "emails") await turn.take();
    let mails = await claim();
    while (mails.length > 0) {
      count += mails.length;
      const next = mails.length < BATCH ? Promise.resolve([]) : claim();
      next.catch(() => {}); // It is heard of below, when these are out.
      await sendSideBySide(deps, delivery, { queue, mails, holding });
      mails = await next;
    }
    return count;
  } finally {
    turn.release();
    await holding.end();
  }
}

function mostWorthClaiming(deps: Deps, { server }: Delivery): number {
  return deps.stopping.aborted ? 0 : server.mostAtOnce(deps.clock.now(), BATCH);
}

/** So many at a time, in their order, for as long as mails are worth sending. */
async function sendSideBySide(
  deps: Deps,
  delivery: Delivery,
  of: { queue: MailQueue; mails: readonly PreparedMail[]; holding: Holding },
): Promise<void> {
  const waiting = of.mails.values();
  const sendOneByOne = async (): Promise<void> => {
    while (mostWorthClaiming(deps, delivery) > 0) {
      if (of.queue === "bulk_emails") await letSinglesGoFirst(delivery);
      const { value: mail } = waiting.next();
      if (!mail) return;
      if (await of.holding.holds(mail)) await tryOne(deps, delivery, mail);
      of.holding.release(mail);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE[of.queue] }, sendOneByOne));
}

async function letSinglesGoFirst({ beginning }: Delivery): Promise<void> {
  const turn = beginning();
  await turn.take();
  turn.release();
}

async function tryOne(deps: Deps, delivery: Delivery, mail: PreparedMail): Promise<void> {
  try {
    await deliverOne(deps, delivery, mail);
  } catch (error) {
    deps.log.error("a mail could not be written or settled and will be tried again", {
      email: mail.claim.id,
      error: traceOf(error),
    });
  }
}

async function deliverOne(deps: Deps, delivery: Delivery, mail: PreparedMail): Promise<void> {
  const message = await writeIfWorthSending(deps, delivery, mail);
  if (!message) return;
  const turn = delivery.settling();
  try {
    const handover = await delivery.transport.send({ ...message, beforeEnd: turn.take });
    delivery.server.heard(deps.clock.now(), handover);
    delivery.counts.count(handover.outcome);
    await settleEmail(deps, delivery.kinds, { ...mail, handover, onRecorded: turn.release });
  } finally {
    turn.release();
  }
}

/** @returns undefined for a mail that nobody waits for, that would come back, or that has to wait itself, each settled as such. */
async function writeIfWorthSending(
  deps: Deps,
  delivery: Delivery,
  mail: PreparedMail,
): Promise<MailMessage | undefined> {
  const { instance, email, draft, suppressed } = mail;
  const now = deps.clock.now();
  if (!draft || draft.isWanted?.(now) === false) {
    await dropEmail(deps, mail);
    return undefined;
  }
  if (suppressed) {
    const answer = `Not sent: the address bounced before (${suppressed.answer})`;
    await settleEmail(deps, delivery.kinds, { ...mail, handover: { outcome: "refused", server: "Rekey", answer } });
    return undefined;
  }
  const counted = { instanceId: instance.id, address: email.to_address, isBulk: email.is_bulk };
  const waitUntil = delivery.limit(counted, now);
  if (waitUntil) {
    await putOffEmail(deps, mail, waitUntil);
    return undefined;
  }
  return {
    ...draft.write(now),
    origin: instance.origin,
    from: senderOf(instance, deps.mail.defaultSender),
    to: email.to_address,
    replyTo: instance.replyTo ?? undefined,
    returnPath: delivery.returnPathOf?.(email),
    messageId: email.message_id,
    date: email.queued_at,
  };
}
