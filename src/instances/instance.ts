import { type Selectable, sql } from "kysely";

import { MINUTE_MS } from "#lib/clock.ts";
import type { Language } from "#lib/language.ts";
import type { Database, Tx } from "#platform/database/database.ts";
import type { InstancesTable } from "#platform/database/tables.ts";

/** One company's CRM, with the settings that its people live by. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  /** Where its people reach it, such as `https://crm.oak.example`. Every link and cookie is made for this and nothing else. */
  readonly origin: string;
  readonly status: "active" | "suspended";
  /** Degrees on the colour circle (oklch). */
  readonly accentHue: number;
  /** Sender of its mails; null where the operator's default serves. */
  readonly mailFrom: string | null;
  readonly timeZone: string;
  /** Of mails to people who have set none of their own. */
  readonly language: Language;
  readonly linkLifetimeMs: number;
  readonly invitationLifetimeMs: number;
  readonly sessionIdleMs: number;
  readonly sessionAbsoluteMs: number;
  /** Whether an administrator may type a temporary password; otherwise it is always generated. */
  readonly allowsTypedPasswords: boolean;
  readonly requiresVerificationForLinks: boolean;
  /** Whether an administrator may copy a reset link; otherwise links leave by mail alone. */
  readonly allowsCopiedLinks: boolean;
  /** How many failed sign-ins in a row stop an account, and for how long. */
  readonly lockoutFailures: number;
  readonly lockoutMs: number;
  /** Where people go to work after signing in, if it is known. */
  readonly openCrmUrl: string | null;
  readonly replyTo: string | null;
}

type Row = Selectable<InstancesTable>;

/** @returns the instance whose origin has this host (`localhost:3000`), or undefined. */
export async function findInstanceByHost(db: Database, host: string): Promise<Instance | undefined> {
  const [row] = await db.readInstances(sql<Row>`select * from instances where host = ${host.toLowerCase()}`);
  return row && toInstance(row);
}

/** @returns the instance with this id, or undefined. */
export async function findInstance(db: Database, id: string): Promise<Instance | undefined> {
  const [row] = await db.readInstances(sql<Row>`select * from instances where id = ${id}`);
  return row && toInstance(row);
}

/** @returns the instance with this id, which there must be. */
export async function getInstance(tx: Tx, id: string): Promise<Instance> {
  return toInstance(await tx.selectFrom("instances").selectAll().where("id", "=", id).executeTakeFirstOrThrow());
}

/** @returns those of these instances that there are, by id. */
export async function findInstances(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Instance>> {
  if (ids.length === 0) return new Map();
  const rows = await db.onInstances((tx) => tx.selectFrom("instances").selectAll().where("id", "in", ids).execute());
  return new Map(rows.map((row) => [row.id, toInstance(row)]));
}

/** @returns all instances, oldest first. */
export async function listInstances(db: Database): Promise<readonly Instance[]> {
  const rows = await db.onInstances((tx) => tx.selectFrom("instances").selectAll().orderBy("id").execute());
  return rows.map(toInstance);
}

/** @returns the instance of a row of its table. */
export function toInstance(row: Row): Instance {
  return {
    id: row.id,
    name: row.name,
    origin: row.origin,
    status: row.status,
    accentHue: row.accent_hue,
    mailFrom: row.mail_from,
    timeZone: row.time_zone,
    language: row.language,
    linkLifetimeMs: row.link_lifetime_minutes * MINUTE_MS,
    invitationLifetimeMs: row.invitation_lifetime_minutes * MINUTE_MS,
    sessionIdleMs: row.session_idle_minutes * MINUTE_MS,
    sessionAbsoluteMs: row.session_absolute_minutes * MINUTE_MS,
    allowsTypedPasswords: row.allows_typed_passwords,
    requiresVerificationForLinks: row.requires_verification_for_links,
    allowsCopiedLinks: row.allows_copied_links,
    lockoutFailures: row.lockout_failures,
    lockoutMs: row.lockout_minutes * MINUTE_MS,
    openCrmUrl: row.open_crm_url,
    replyTo: row.reply_to,
  };
}
