import type { Instance } from "#instances/instance.ts";
import type { Recovery } from "#recovery/recovery.ts";
import type { Actions } from "./actions.ts";

/** Why somebody cannot sign in, as far as the database knows. The last three say that nothing is known to be in the way. */
export const CAUSE_CODES = [
  "inactive",
  "no_access",
  "frozen",
  "locked",
  "never_accepted",
  "new_password_required",
  "temporary_password_expired",
  "must_change_password",
  "address_suppressed",
  "address_held",
  "mail_bounced",
  "mail_refused",
  "mail_not_accepted",
  "mail_on_its_way",
  "link_expired",
  "link_unopened",
  "link_opened_by_machine",
  "link_opened",
  "password_unused",
  "wrong_password",
  "wrong_instance",
  "wrong_user_name",
  "signed_in",
  "not_tried_again",
  "no_recent_attempt",
] as const;

export type CauseCode = (typeof CAUSE_CODES)[number];

/** One cause, with what is known of it. */
export interface Cause {
  readonly code: CauseCode;
  /** When it began or was last seen; null where that is not known. */
  readonly since: Date | null;
  /** When it ends by itself; null where it does not. */
  readonly until: Date | null;
  /** The action that cures it; null where there is nothing to do. */
  readonly fix: keyof Actions | null;
  /** The recovery that it is about. */
  readonly recovery?: Recovery;
  /** What a mail server said of the mail. */
  readonly answer?: string | undefined;
  /** How often it was seen lately. */
  readonly times?: number;
  /** The name that was typed. */
  readonly tried?: string;
  /** Where they tried instead. */
  readonly elsewhere?: Instance;
  /** Whether a temporary password was used already. */
  readonly isUsed?: boolean;
}
