import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { digestOfParts, type Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";

/** The bytes of one digest, of an event as of a seal. */
export const DIGEST_BYTES = 32;

/** What a seal says, before the program puts its mark to it. Times and ids are as PostgreSQL writes them. */
export interface SealContent {
  readonly instanceId: string;
  /** Counts from 1 in each instance. */
  readonly number: number;
  /** Seconds since 1970, to the microsecond. */
  readonly sealedAt: string;
  readonly eventCount: number;
  /** Of the events in their order: `{id,id}`. */
  readonly eventIds: string;
  /** The digests of the events in the same order, one after the other. */
  readonly eventDigests: Buffer;
  /** Whether events are among them that were recorded before there were marks. */
  readonly hasUnmarked: boolean;
  /** Empty for the first. */
  readonly previousHash: Buffer;
  readonly keyId: string;
}

export interface Seal extends SealContent {
  readonly mac: Buffer;
  readonly hash: Buffer;
}

/** The newest seal of an instance: whoever keeps its number and hash can tell later whether the record was cut off. */
export interface Head {
  readonly number: number;
  readonly hash: Buffer;
  readonly sealedAt: Date;
  readonly hasUnmarked: boolean;
}

/** @returns the mark of the program on a seal, or undefined when the key is not known. */
export function macOfSeal(keyring: Keyring, content: SealContent): Buffer | undefined {
  return keyring.sign(content.keyId, "audit seal", partsOf(content));
}

/**
 * @returns the hash of a seal, which the next one holds. It covers everything that the seal says and its mark, and needs no
 *   key: a chain whose newest mark is right is right as a whole, also when older keys are long gone.
 */
export function hashOfSeal(content: SealContent, mac: Buffer): Buffer {
  return digestOfParts([...partsOf(content), mac]);
}

function partsOf(of: SealContent): readonly (string | Buffer)[] {
  const unmarked = of.hasUnmarked ? "unmarked" : "marked";
  const events = [String(of.eventCount), of.eventIds, of.eventDigests, unmarked];
  return ["rekey audit seal 1", of.instanceId, String(of.number), of.sealedAt, ...events, of.previousHash, of.keyId];
}

/** @returns the ids of the events that a seal holds, in their order. */
export function idsIn({ eventIds }: SealContent): readonly string[] {
  return eventIds.match(/[0-9a-f-]{36}/g) ?? [];
}

/** @returns how a head is written where people keep it: `41:9f86d0…`. */
export function headWords({ number, hash }: Pick<Head, "number" | "hash">): string {
  return `${number}:${hash.toString("hex")}`;
}

/** @returns the newest seal of the instance, or undefined when there is none yet. */
export async function findHead(tx: Tx, scope: Pick<Scope, "instance">): Promise<Head | undefined> {
  const row = await tx
    .selectFrom("audit_seals")
    .select(["number", "hash", "sealed_at", "has_unmarked"])
    .where("instance_id", "=", scope.instance.id)
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && { number: row.number, hash: row.hash, sealedAt: row.sealed_at, hasUnmarked: row.has_unmarked };
}

/** @returns the seals after this number in their order, `limit` at most. */
export async function listSeals(
  tx: Tx,
  scope: Pick<Scope, "instance">,
  { after, limit }: { after: number; limit: number },
): Promise<readonly Seal[]> {
  const rows = await tx
    .selectFrom("audit_seals")
    .selectAll()
    .select([sql<string>`extract(epoch from sealed_at)::text`.as("at"), sql<string>`event_ids::text`.as("ids")])
    .where("instance_id", "=", scope.instance.id)
    .where("number", ">", after)
    .orderBy("number")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    instanceId: row.instance_id,
    number: row.number,
    sealedAt: row.at,
    eventCount: row.event_count,
    eventIds: row.ids,
    eventDigests: row.event_digests,
    hasUnmarked: row.has_unmarked,
    previousHash: row.previous_hash,
    keyId: row.key_id,
    mac: row.mac,
    hash: row.hash,
  }));
}
