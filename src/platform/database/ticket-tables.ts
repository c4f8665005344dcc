import type { Generated, JSONColumnType } from "kysely";

import type { Fixed } from "./column-types.ts";

export type TicketStatus = "open" | "waiting_for_user" | "resolved" | "closed";

/** What a message tells: `said` is what a person wrote, everything else the product wrote about what happened. */
export type TicketMessageKind =
  | "said"
  | "link_sent"
  | "link_copied"
  | "temporary_password_set"
  | "mail_refused"
  | "mail_bounced"
  | "reply_lost"
  | "password_set"
  | "revoked"
  | "expired"
  | "sign_in_refused"
  | "not_signed_in"
  | "signed_in"
  | "confirmed"
  | "still_out"
  | "status_changed"
  | "assigned"
  | "linked"
  | "handed_over";

/** The requester may be nobody with an account; `system` is the product itself. */
export type TicketAuthorType = "user" | "api_key" | "operator" | "requester" | "system";

export interface TicketsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  number: Fixed<number>;
  subject: string;
  requester_user_id: string | null;
  requester_name: Fixed<string>;
  requester_email: Fixed<string>;
  status: Generated<TicketStatus>;
  assignee_id: string | null;
  /** Of the same matter at an outside help desk. */
  external_url: string | null;
  search_text: string;
  created_at: Fixed<Date>;
  /** When anything last happened in it. */
  updated_at: Date;
}

export interface TicketMessagesTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  ticket_id: Fixed<string>;
  kind: Fixed<TicketMessageKind>;
  author_type: Fixed<TicketAuthorType>;
  author_id: Fixed<string | null>;
  author_name: Fixed<string>;
  /** What a person wrote; null where the product did, which keeps facts in `detail` instead of words. */
  text: Fixed<string | null>;
  detail: JSONColumnType<Readonly<Record<string, string | number | boolean | null>>, string | undefined, never>;
  at: Fixed<Date>;
}

/** The number that was given last. */
export interface TicketNumbersTable {
  instance_id: Fixed<string>;
  last: number;
}
