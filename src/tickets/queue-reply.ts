import type { Scope } from "#instances/scope.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import { findSuppression } from "#mail-delivery/suppressed-address.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Ticket } from "./ticket.ts";

/** What a reply tells the requester. */
type Reply =
  | { readonly kind: "said"; readonly by: string; readonly text: string }
  | {
      readonly kind: "link_sent";
      readonly by: string;
      readonly recoveryId: string;
      /** Where the link went, as far as a stranger may know it. */
      readonly maskedAddress: string;
      readonly endsAt: Date;
      /** Whether the requester reads the mails of the account: only then are they told more of it. */
      readonly isOwner: boolean;
    };

/** The kind of the mail with a reply. */
export const TICKET_REPLY = "ticket_reply";

/** A mail with the reply waits for the requester, unless mails to them come back. @returns whether it does. */
export async function queueReply(
  tx: Tx,
  scope: Scope,
  at: Date,
  { ticket, says }: { ticket: Ticket; says: Reply },
): Promise<boolean> {
  const { userId, name, email } = ticket.requester;
  if (await findSuppression(tx, scope.instance, email)) return false;
  const facts =
    says.kind === "said"
      ? { text: says.text }
      : {
          recovery: says.recoveryId,
          masked_address: says.maskedAddress,
          ends_at: says.endsAt.toISOString(),
          is_owner: says.isOwner,
        };
  const data = { ticket_id: ticket.id, number: ticket.number, subject: ticket.subject, name, kind: says.kind };
  await queueEmail(tx, scope, at, {
    kind: TICKET_REPLY,
    userId,
    to: email,
    data: { ...data, by: says.by, ...facts },
  });
  return true;
}
