import type { Detail, Fixed, Json } from "./column-types.ts";

type ActorType = "user" | "api_key" | "operator" | "system" | "stranger";

/** What was done, by whom and to whom. Never changed. */
export interface AuditEventsTable {
  instance_id: Fixed<string>;
  id: Fixed<string>;
  at: Fixed<Date>;
  action: Fixed<string>;
  actor_type: Fixed<ActorType>;
  actor_id: Fixed<string | null>;
  actor_name: Fixed<string>;
  target_type: Fixed<string>;
  target_id: Fixed<string | null>;
  target_name: Fixed<string>;
  source_address: Fixed<string | null>;
  reason: Fixed<string | null>;
  ticket_id: Fixed<string | null>;
  result: Fixed<"ok" | "refused">;
  request_id: Fixed<string | null>;
  detail: Json<Detail>;
}

/** Audit events that no seal holds yet, with the mark of the program. */
export interface UnsealedAuditEventsTable {
  instance_id: Fixed<string>;
  event_id: Fixed<string>;
  /** Both null for what was recorded before there were seals. */
  key_id: Fixed<string | null>;
  mac: Fixed<Buffer | null>;
  next_attempt_at: Date;
}

/** The chain of seals; docs/record.md says what each column is. */
export interface AuditSealsTable {
  instance_id: Fixed<string>;
  number: Fixed<number>;
  sealed_at: Fixed<Date>;
  event_count: Fixed<number>;
  event_ids: Fixed<readonly string[]>;
  /** The digests of the events one after the other, 32 bytes each. */
  event_digests: Fixed<Buffer>;
  has_unmarked: Fixed<boolean>;
  previous_hash: Fixed<Buffer>;
  key_id: Fixed<string>;
  mac: Fixed<Buffer>;
  hash: Fixed<Buffer>;
}
