import type { JobHandler } from "#jobs/run-jobs.ts";
import { asSystem, type Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { fold, maskAddress } from "#lib/text.ts";
import { refusalWords } from "#mail-delivery/smtp-answer.ts";
import type { Tx } from "#platform/database/database.ts";
import type { RecoveryEventName } from "#platform/database/tables.ts";
import { resetLinkSubject } from "#recovery/mails.tsx";
import { endOf, getRecovery, isLive, type Recovery } from "#recovery/recovery.ts";
import { getEvent, type TimelineEvent } from "#recovery/timeline.ts";
import { getUser } from "#users/user.ts";
import { awaitRecovery, isNewest, reopen } from "./await-recovery.ts";
import { queueReply } from "./queue-reply.ts";
import { lockTicket, moveTicket, type Ticket } from "./ticket.ts";
import { addMessage, PRODUCT } from "./ticket-message.ts";

/** Something that happened to a recovery, with the ticket in which it was begun. */
interface Heard {
  readonly ticket: Ticket;
  readonly recovery: Recovery;
  readonly event: TimelineEvent;
  /** The moment at which the ticket hears of it. */
  readonly now: Date;
}

type Reaction = (tx: Tx, scope: Scope, heard: Heard) => Promise<void>;

/** Whoever set a new password signs in soon after, or could not. */
const SIGN_IN_WITHIN_MS = DAY_MS;

/** What the ticket makes of each event; of what is not here it takes no notice. */
const REACTIONS: Readonly<Partial<Record<RecoveryEventName, Reaction>>> = {
  requested: tellWhatIsHandedOver,
  accepted: replyThatLinkWasSent,
  failed: (tx, scope, heard) => tellRefusedMail(tx, scope, heard, "mail_refused"),
  bounced: (tx, scope, heard) => tellRefusedMail(tx, scope, heard, "mail_bounced"),
  completed: awaitSignIn,
  signed_in: closeAfterSignIn,
  expired: (tx, scope, heard) => reopenIfLast(tx, scope, heard, "expired"),
  revoked: (tx, scope, heard) => reopenIfLast(tx, scope, heard, "revoked"),
};

/** What the worker does when something happened to a recovery of a ticket: the conversation says so and the ticket moves. A closed one stays closed. */
export const hearOfRecovery: JobHandler = async (deps, { instance }, tx, payload) => {
  const scope = asSystem(instance);
  const event = await getEvent(tx, scope, String(payload.event_id));
  const recovery = await getRecovery(tx, scope, event.recoveryId);
  if (recovery.ticketId === null) return;
  const ticket = await lockTicket(tx, scope, recovery.ticketId);
  if (ticket.status === "closed") return;
  await REACTIONS[event.event]?.(tx, scope, { ticket, recovery, event, now: deps.clock.now() });
};

/** The reply that an administrator would have written: where the link went, until when it works, what to look for in spam. */
async function replyThatLinkWasSent(tx: Tx, scope: Scope, { ticket, recovery, event, now }: Heard): Promise<void> {
  const user = await getUser(tx, scope, recovery.userId);
  const maskedAddress = maskAddress(recovery.sentTo ?? "");
  const endsAt = endOf(recovery);
  const detail = {
    recovery_id: recovery.id,
    address: maskedAddress,
    ends_at: endsAt.toISOString(),
    mail: resetLinkSubject(scope.instance, user, recovery),
  };
  await addMessage(tx, scope, event.at, { ticketId: ticket.id, kind: "link_sent", author: PRODUCT, detail });
  const { requester } = ticket;
  const isOwner = requester.userId === user.id && fold(requester.email) === fold(user.email);
  const { id: recoveryId, requestedByName: by } = recovery;
  // Who has used it already needs no word about how to find it.
  if (isLive(recovery, now)) {
    const says = { kind: "link_sent", by, recoveryId, maskedAddress, endsAt, isOwner } as const;
    await queueReply(tx, scope, now, { ticket, says });
  }
  await moveTicket(tx, scope, event.at, { ticketId: ticket.id, from: ["open"], to: "waiting_for_user" });
  await awaitRecovery(tx, scope, now, { recoveryId, awaits: "use", until: endsAt });
}

/** A temporary password, or a copied link: no mail tells of it. */
async function tellWhatIsHandedOver(tx: Tx, scope: Scope, { ticket, recovery, event, now }: Heard): Promise<void> {
  const isTemporary = recovery.method === "temporary_password";
  if (!isTemporary && event.detail.copied !== true) return;
  const until = endOf(recovery);
  const detail = { recovery_id: recovery.id, by: String(event.detail.by), ends_at: until.toISOString() };
  const kind = isTemporary ? "temporary_password_set" : "link_copied";
  const message = { ticketId: ticket.id, kind, author: PRODUCT, detail } as const;
  await addMessage(tx, scope, event.at, message);
  await moveTicket(tx, scope, event.at, { ticketId: ticket.id, from: ["open"], to: "waiting_for_user" });
  await awaitRecovery(tx, scope, now, { recoveryId: recovery.id, awaits: "use", until });
}

async function tellRefusedMail(
  tx: Tx,
  scope: Scope,
  { ticket, recovery, event }: Heard,
  kind: "mail_refused" | "mail_bounced",
): Promise<void> {
  const { what, advice } = refusalWords(String(event.detail.answer ?? ""));
  const address = maskAddress(recovery.sentTo ?? "");
  const detail = { recovery_id: recovery.id, address, why: `${what} ${advice}` };
  await addMessage(tx, scope, event.at, { ticketId: ticket.id, kind, author: PRODUCT, detail });
  await moveTicket(tx, scope, event.at, { ticketId: ticket.id, from: ["waiting_for_user"], to: "open" });
}

async function awaitSignIn(tx: Tx, scope: Scope, { ticket, recovery, event, now }: Heard): Promise<void> {
  const detail = { recovery_id: recovery.id };
  await addMessage(tx, scope, event.at, { ticketId: ticket.id, kind: "password_set", author: PRODUCT, detail });
  await moveTicket(tx, scope, event.at, { ticketId: ticket.id, from: ["open"], to: "waiting_for_user" });
  const until = after(event.at, SIGN_IN_WITHIN_MS);
  await awaitRecovery(tx, scope, now, { recoveryId: recovery.id, awaits: "sign_in", until });
}

async function closeAfterSignIn(tx: Tx, scope: Scope, { ticket, recovery, event }: Heard): Promise<void> {
  const from = ["open", "waiting_for_user", "resolved"] as const;
  if (!(await moveTicket(tx, scope, event.at, { ticketId: ticket.id, from, to: "closed" }))) return;
  const detail = { recovery_id: recovery.id };
  await addMessage(tx, scope, event.at, { ticketId: ticket.id, kind: "signed_in", author: PRODUCT, detail });
}

/** What a later step of the same ticket replaced is no reason to look at it again. */
async function reopenIfLast(
  tx: Tx,
  scope: Scope,
  { ticket, recovery, event }: Heard,
  kind: "expired" | "revoked",
): Promise<void> {
  if (!(await isNewest(tx, scope, recovery))) return;
  await reopen(tx, scope, event.at, { ticketId: ticket.id, recovery, kind });
}
