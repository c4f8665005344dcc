import type { Fixed } from "./sign-in-tables.ts";

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
