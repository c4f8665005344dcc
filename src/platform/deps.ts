import type { Clock } from "#lib/clock.ts";
import type { Keyring } from "./crypto/keyring.ts";
import type { Database } from "./database/database.ts";
import type { Dns } from "./dns.ts";
import type { Log } from "./log.ts";
import type { MailSetup } from "./mail/mail-setup.ts";
import type { PasswordList } from "./password-list.ts";

/** What every use case works with. */
export interface Deps {
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly log: Log;
  readonly dns: Dns;
  readonly mail: MailSetup;
  /** The operator's own list of refused passwords, beside the built-in one. */
  readonly passwordList: PasswordList | undefined;
  /** Aborts when the program stops: what would otherwise never end, ends then. */
  readonly stopping: AbortSignal;
  /** Tells the worker that something is due, so that it need not wait for its next look. Call it after the commit. */
  readonly wakeWorker: () => void;
}
