import type { ColumnType, Generated, JSONColumnType } from "kysely";

import type { Language } from "#lib/language.ts";
import type { ApprovalsTable, VerificationMethod } from "./approval-tables.ts";
import type { AuditEventsTable, AuditSealsTable, UnsealedAuditEventsTable } from "./audit-tables.ts";
import type { Detail, Fixed, Json } from "./column-types.ts";
import type { EmailsTable, SuppressedAddressesTable } from "./mail-tables.ts";
import type { CredentialsTable, KnownBrowsersTable, SessionsTable, SignInFailuresTable } from "./sign-in-tables.ts";
import type { TicketMessagesTable, TicketNumbersTable, TicketsTable } from "./ticket-tables.ts";

export type Role = "owner" | "admin" | "support" | "member" | "no_access";
export type UserStatus = "active" | "inactive";
export type RecoveryMethod = "reset_link" | "temporary_password";
export type RecoveryOrigin = "admin" | "self_service" | "invitation" | "bulk" | "operator";
export type StoredRecoveryState = "open" | "completed" | "revoked" | "expired";
export type RecoveryEventName =
  | "requested"
  | "queued"
  | "accepted"
  | "deferred"
  | "bounced"
  | "opened"
  | "completed"
  | "signed_in"
  | "expired"
  | "revoked"
  | "failed"
  | "confirmed";
export type NotificationKind = "success" | "warning" | "error" | "info";

export interface InstancesTable {
  id: Fixed<string>;
  name: string;
  origin: string;
  host: string;
  origin_follows_port: ColumnType<boolean, boolean | undefined, boolean>;
  status: Generated<"active" | "suspended">;
  accent_hue: number;
  mail_from: string | null;
  time_zone: Generated<string>;
  /** Of mails to people who have set none of their own. */
  language: Generated<Language>;
  link_lifetime_minutes: Generated<number>;
  invitation_lifetime_minutes: Generated<number>;
  session_idle_minutes: Generated<number>;
  session_absolute_minutes: Generated<number>;
  open_crm_url: string | null;
  /** Whether an administrator may type a temporary password instead of having one generated. */
  allows_typed_passwords: Generated<boolean>;
  /** Where answers to its mails go; null where the sender reads them. */
  reply_to: string | null;
  /** Whether sending a link needs a verification record, as a temporary password always does. */
  requires_verification_for_links: Generated<boolean>;
  /** Whether an administrator may copy a reset link instead of having it mailed. */
  allows_copied_links: Generated<boolean>;
  /** How many failed sign-ins in a row stop an account, and for how long. */
  lockout_failures: Generated<number>;
  lockout_minutes: Generated<number>;
  created_at: Fixed<Date>;
}

export interface UsersTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  email: string;
  email_key: string;
  username: string;
  username_key: string;
  first_name: string;
  last_name: string;
  name_key: string;
  search_text: string;
  role: Role;
  status: Generated<UserStatus>;
  title: string | null;
  department: string | null;
  phone: string | null;
  mobile: string | null;
  locale: string | null;
  time_zone: string | null;
  /** Of another user of the instance. */
  reports_to: string | null;
  created_at: Fixed<Date>;
  last_sign_in_at: Date | null;
  /** Since when “This was not me” keeps everybody out. */
  frozen_at: Date | null;
  /** Until when no way in is sent to an address that was just changed. */
  address_held_until: Date | null;
}

export interface RecoveriesTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  user_id: Fixed<string>;
  method: Fixed<RecoveryMethod>;
  origin: Fixed<RecoveryOrigin>;
  state: Generated<StoredRecoveryState>;
  /** Null, as are the two after it, for a temporary password: there is no link to derive and none to send. */
  nonce: Fixed<Buffer | null>;
  key_id: Fixed<string | null>;
  sent_to: string | null;
  requested_by: string | null;
  requested_by_name: string;
  requested_at: Fixed<Date>;
  lifetime_ms: number;
  expires_at: Date | null;
  cap_at: Fixed<Date>;
  completed_at: Date | null;
  signed_in_at: Date | null;
  ended_because: string | null;
  /** In which it was sent, if it was in one. */
  ticket_id: string | null;
}

interface RecoveryEventsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  recovery_id: Fixed<string>;
  event: Fixed<RecoveryEventName>;
  at: Fixed<Date>;
  detail: Json<Detail>;
}

interface VerificationsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  /** One of the two is there. */
  recovery_id: Fixed<string | null>;
  user_id: Fixed<string | null>;
  method: Fixed<VerificationMethod>;
  note: Fixed<string>;
  verified_by: Fixed<string | null>;
  at: Fixed<Date>;
}

export interface ApiKeysTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  name: Fixed<string>;
  key_digest: Fixed<Buffer>;
  scopes: JSONColumnType<readonly string[], string, never>;
  created_by: Fixed<string>;
  created_at: Fixed<Date>;
  expires_at: Fixed<Date | null>;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

interface IdempotencyKeysTable {
  instance_id: Fixed<string>;
  actor_id: Fixed<string>;
  key: Fixed<string>;
  request_digest: Fixed<Buffer>;
  /** Null while the first request with the key is under way. */
  status: number | null;
  answer: JSONColumnType<object, string | undefined> | null;
  created_at: Fixed<Date>;
}

interface RateLimitsTable {
  instance_id: Fixed<string>;
  key: Fixed<string>;
  count: number;
  ends_at: Date;
}

interface JobsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  kind: Fixed<string>;
  payload: Json<Detail>;
  /** The network from which it was asked for, or empty: by Rekey itself. */
  source: Fixed<string>;
  attempts: Generated<number>;
  next_attempt_at: Date;
  created_at: Fixed<Date>;
}

interface NotificationsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  user_id: Fixed<string>;
  kind: Fixed<NotificationKind>;
  title: Fixed<string>;
  text: Fixed<string>;
  /** Whom it is about, where the text names nobody. */
  about: Fixed<string | null>;
  created_at: Fixed<Date>;
  shown_at: Date | null;
}

interface DoneOnceTable {
  instance_id: Fixed<string>;
  key: Fixed<string>;
  done_at: Fixed<Date>;
}

/** What a transaction within one instance can reach; `instances` is there to be read. */
export interface InstanceTables {
  instances: InstancesTable;
  users: UsersTable;
  credentials: CredentialsTable;
  sessions: SessionsTable;
  recoveries: RecoveriesTable;
  recovery_events: RecoveryEventsTable;
  emails: EmailsTable;
  suppressed_addresses: SuppressedAddressesTable;
  jobs: JobsTable;
  notifications: NotificationsTable;
  audit_events: AuditEventsTable;
  unsealed_audit_events: UnsealedAuditEventsTable;
  audit_seals: AuditSealsTable;
  verifications: VerificationsTable;
  rate_limits: RateLimitsTable;
  sign_in_failures: SignInFailuresTable;
  approvals: ApprovalsTable;
  done_once: DoneOnceTable;
  known_browsers: KnownBrowsersTable;
  api_keys: ApiKeysTable;
  idempotency_keys: IdempotencyKeysTable;
  tickets: TicketsTable;
  ticket_messages: TicketMessagesTable;
  ticket_numbers: TicketNumbersTable;
}
