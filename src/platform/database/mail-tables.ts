import type { Generated } from "kysely";

import type { Detail, Fixed, Json } from "./column-types.ts";

/** `bounced`: a server took it and another one reported later that it could not be delivered. */
export type EmailState = "queued" | "accepted" | "bounced" | "failed" | "dropped";

export interface EmailsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  kind: Fixed<string>;
  /** Null where it goes to somebody without an account. */
  user_id: Fixed<string | null>;
  recovery_id: Fixed<string | null>;
  to_address: Fixed<string>;
  message_id: Fixed<string>;
  data: Json<Detail>;
  state: Generated<EmailState>;
  /** One of many that were queued at once; it waits while single ones are due. */
  is_bulk: Fixed<boolean>;
  /** How often a worker has claimed it; whoever settles it names the claim. */
  attempts: Generated<number>;
  /** How often a server has put it off. */
  deferrals: Generated<number>;
  next_attempt_at: Date;
  queued_at: Fixed<Date>;
  settled_at: Date | null;
  bounced_at: Date | null;
  server: string | null;
  answer: string | null;
}

export interface SuppressedAddressesTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  address: Fixed<string>;
  address_key: Fixed<string>;
  /** Who reported the last bounce, and in what words. */
  server: Fixed<string>;
  answer: Fixed<string>;
  suppressed_at: Fixed<Date>;
}
