import { findInstance, type Instance } from "#instances/instance.ts";
import { after, DAY_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import type { Claim } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import type { Handover, MailMessage, MailTransport } from "#platform/mail/mail-transport.ts";
import type { Email, MailKinds } from "./email.ts";
import { LONGEST_CONVERSATION_MS, SMTP_CONNECTIONS } from "#platform/mail/smtp-transport.ts";
import { senderOf } from "./sender.ts";

/** No more than go out at once, so that none waits for a free connection while its lease runs. */
const BATCH = SMTP_CONNECTIONS;
/** Longer than any conversation may take, so that a mail is claimed anew only when its worker is gone. */
const LEASE_MS = LONGEST_CONVERSATION_MS + MINUTE_MS;
const FIRST_WAIT_MS = 5 * SECOND_MS;
const LONGEST_WAIT_MS = 5 * MINUTE_MS;
/** A mail that no server took for this long is given up. A link's own cap comes first, and takes its mail with it. */
const GIVE_UP_AFTER_MS = DAY_MS;

/** How mails leave. */
export interface Delivery {
  readonly transport: MailTransport;
  readonly kinds: MailKinds;
  /** The operator's sender, for instances that have set none. */
  readonly defaultSender: string | undefined;
}

/**
 * Hands over mails that are due, each in its own conversation: claimed, written, sent, settled. Safe to run on several
 * workers and twice at once.
 * @returns how many mails were claimed; the caller looks again at once while there are any.
 */
export async function deliverEmails(deps: Deps, delivery: Delivery): Promise<number> {
  const claims = await deps.db.claim("emails", deps.clock.now(), { limit: BATCH, leaseMs: LEASE_MS });
  await Promise.all(
    claims.map((claim) =>
      deliverOne(deps, delivery, claim).catch((error: unknown) => {
        deps.log.error("a mail could not be written or settled and will be tried again", {
          email: claim.id,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }),
    ),
  );
  return claims.length;
}

async function deliverOne(deps: Deps, delivery: Delivery, claim: Claim): Promise<void> {
  const instance = await findInstance(deps.db, claim.instanceId);
  if (!instance) return;
  const written = await write(deps, delivery, instance, claim);
  if (!written) return;
  const handover = await delivery.transport.send(written.message);
  await settle(deps, delivery, { instance, claim, email: written.email, handover });
}

/** The mail is written in a transaction of its own that ends before the conversation with the server begins. */
async function write(
  deps: Deps,
  delivery: Delivery,
  instance: Instance,
  claim: Claim,
): Promise<{ email: Email; message: MailMessage } | undefined> {
  return deps.db.inInstance(instance.id, async (tx) => {
    const email = await tx
      .selectFrom("emails")
      .selectAll()
      .where("instance_id", "=", instance.id)
      .where("id", "=", claim.id)
      .executeTakeFirstOrThrow();
    const kind = delivery.kinds[email.kind];
    const attempt = { instance, email, at: deps.clock.now() };
    if (kind && ((await kind.isWanted?.(tx, attempt)) ?? true)) {
      const mail = await kind.write(tx, attempt);
      const from = senderOf(instance, delivery.defaultSender);
      const replyTo = instance.replyTo ?? undefined;
      const envelope = { from, to: email.to_address, replyTo, messageId: email.message_id, date: email.queued_at };
      return { email, message: { ...mail, ...envelope } };
    }
    await tx
      .updateTable("emails")
      .set({ state: "dropped", settled_at: attempt.at })
      .where("instance_id", "=", instance.id)
      .where("id", "=", claim.id)
      .execute();
    return undefined;
  });
}

/** Only the claim that sent the mail settles it: one that took longer than its lease finds another attempt under way. */
async function settle(
  deps: Deps,
  delivery: Delivery,
  { instance, claim, email, handover }: { instance: Instance; claim: Claim; email: Email; handover: Handover },
): Promise<void> {
  const now = deps.clock.now();
  const givenUp = handover.outcome === "deferred" && now.getTime() - email.queued_at.getTime() > GIVE_UP_AFTER_MS;
  const final: Handover = givenUp ? { ...handover, outcome: "refused" } : handover;
  await deps.db.inInstance(instance.id, async (tx) => {
    const settled = await tx
      .updateTable("emails")
      .set({
        ...(final.outcome === "deferred"
          ? { next_attempt_at: after(now, waitMs(claim.attempt)) }
          : { state: final.outcome === "accepted" ? "accepted" : "failed", settled_at: now }),
        server: final.server,
        answer: final.answer,
      })
      .where("instance_id", "=", instance.id)
      .where("id", "=", email.id)
      .where("state", "=", "queued")
      .where("attempts", "=", claim.attempt)
      .executeTakeFirst();
    if (settled.numUpdatedRows > 0n) {
      await delivery.kinds[email.kind]?.settled?.(tx, { instance, email, at: now }, final);
    }
  });
  if (final.outcome !== "accepted") {
    deps.log.warn(`a mail was ${final.outcome}`, {
      email: email.id,
      kind: email.kind,
      server: final.server,
      answer: final.answer,
    });
  }
}

/** Doubles with each attempt, with a fifth of chance in it so that mails do not come back in one crowd. */
function waitMs(attempt: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
  return wait * (0.9 + Math.random() * 0.2);
}
