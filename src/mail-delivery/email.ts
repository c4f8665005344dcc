import type { RawBuilder, Selectable } from "kysely";

import type { Instance } from "#instances/instance.ts";
import type { Tx } from "#platform/database/database.ts";
import type { EmailsTable } from "#platform/database/mail-tables.ts";
import type { DeliveryReport } from "#platform/mail/delivery-report.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";

/** A row of the outbox: one mail that somebody will find in their inbox, however often handing it over is tried. */
export type Email = Selectable<EmailsTable>;

/** What a mail says. Written anew at each attempt, since a link is derived then and never kept. */
export interface WrittenMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** One attempt to hand a mail over. */
export interface Attempt {
  readonly instance: Instance;
  readonly email: Email;
  /** When it is made: what the mail promises counts from here. */
  readonly at: Date;
}

/** A mail with all that was read to write it. */
export interface Draft {
  /** @returns whether the mail is still worth sending; a link may have died while it waited. Left out, it always is. */
  readonly isWanted?: (at: Date) => boolean;
  /** @throws Error when it cannot be written, such as without a key that is no longer configured. */
  readonly write: (at: Date) => WrittenMail;
}

/** How mails of one kind are written, and who is told what became of them. Features above the outbox provide these. */
interface MailKind {
  /** Reads what these mails of one instance are about, all of them at once. @returns what gives the draft of each. */
  prepare(tx: Tx, instance: Instance, emails: readonly Email[]): Promise<(email: Email) => Draft>;
  /**
   * @returns what is written down beside what became of an attempt, in the statement that settles it. That statement names the
   *   mail `settled`, which is empty when another attempt took over: nothing may change then; what the first of them returns
   *   is `following_0` to the others.
   */
  follow?(attempt: Attempt, handover: Handover): readonly RawBuilder<unknown>[];
  /** Runs in the transaction that records what a server reported after it had taken the mail. */
  reported?(tx: Tx, attempt: Attempt, report: DeliveryReport): Promise<void>;
}

export type MailKinds = Readonly<Record<string, MailKind>>;
