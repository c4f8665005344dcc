import type { Selectable } from "kysely";

import type { Instance } from "#instances/instance.ts";
import type { Tx } from "#platform/database/database.ts";
import type { EmailsTable } from "#platform/database/tables.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";

/** A row of the outbox: one mail that somebody will find in their inbox, however often handing it over is tried. */
export type Email = Selectable<EmailsTable>;

/** What a mail says. Written anew at each attempt, since a link is derived then and never kept. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** How mails of one kind are written, and who is told what became of them. Features above the outbox provide these. */
interface MailKind {
  /** @returns whether the mail is still worth sending; a link may have died while it waited. Left out, it always is. */
  isWanted?(tx: Tx, instance: Instance, email: Email, now: Date): Promise<boolean>;
  /** @param at the moment it is written, from which it promises times. */
  write(tx: Tx, instance: Instance, email: Email, at: Date): Promise<WrittenMail>;
  /** Runs in the transaction that settles an attempt. */
  settled?(tx: Tx, instance: Instance, email: Email, handover: Handover): Promise<void>;
}

export type MailKinds = Readonly<Record<string, MailKind>>;
