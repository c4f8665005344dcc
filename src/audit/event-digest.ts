import { sql } from "kysely";

/**
 * The SHA-256 of an audit event as it lies in the database, computed there from every column of it: of the UTF-8 text that
 * PostgreSQL gives for one JSON array of them. The time is in seconds since 1970 to the microsecond, a column without a value
 * is null. Whoever has a copy of the record computes the same with `psql`; `docs/record.md` says how. For a statement in
 * which the table goes by its own name.
 *
 * A column that is added later is added at the end with the first word raised to 2, and both stay valid: what was sealed
 * with the first is never written anew.
 */
export const eventDigest = sql<Buffer>`sha256(convert_to(jsonb_build_array(
  'rekey audit event 1', audit_events.instance_id, audit_events.id, extract(epoch from audit_events.at)::text,
  audit_events.action, audit_events.actor_type, audit_events.actor_id, audit_events.actor_name,
  audit_events.target_type, audit_events.target_id, audit_events.target_name, audit_events.source_address,
  audit_events.reason, audit_events.ticket_id, audit_events.result, audit_events.request_id, audit_events.detail
)::text, 'UTF8'))`;
