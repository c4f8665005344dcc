import type { DkimKey } from "./dkim-key.ts";

/** How mails leave this installation, as its operator has decided. */
export interface MailSetup {
  /** Holds a password: never shown, never logged. Undefined keeps mails in the built-in mailbox. */
  readonly smtpUrl: string | undefined;
  readonly dkim: DkimKey | undefined;
  /** The domain of the return path, to which servers report what they could not deliver; the sender's where undefined. */
  readonly bounceDomain: string | undefined;
  /** For instances that have set no sender of their own. */
  readonly defaultSender: string | undefined;
}
