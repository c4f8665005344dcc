import { createHash } from "node:crypto";

import { RekeyError } from "#lib/errors.ts";
import { newId } from "#platform/crypto/id.ts";
import type { InstancesTx } from "#platform/database/database.ts";
import { type Instance, toInstance } from "./instance.ts";

export interface NewInstance {
  readonly name: string;
  /** In its plain form, as `parseOrigin` gives it. */
  readonly origin: string;
  /** Whether the origin is a default that moves along when the server listens on another port. */
  readonly followsPort?: boolean;
}

/** Hues far enough apart that two instances side by side are told apart at a glance. */
const ACCENT_HUES = [155, 250, 310, 25, 205, 280, 75, 345];

/**
 * A new, empty instance answers at its origin once the transaction commits.
 * @throws origin_taken
 */
export async function insertInstance(tx: InstancesTx, at: Date, input: NewInstance): Promise<Instance> {
  const { host } = new URL(input.origin);
  const taken = await tx.selectFrom("instances").select("id").where("host", "=", host).executeTakeFirst();
  if (taken) throw new RekeyError("origin_taken");
  const row = await tx
    .insertInto("instances")
    .values({
      id: newId(),
      name: input.name,
      origin: input.origin,
      host,
      origin_follows_port: input.followsPort ?? false,
      accent_hue: hueOf(input.name),
      created_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toInstance(row);
}

function hueOf(name: string): number {
  const [first = 0] = createHash("sha256").update(name).digest();
  return ACCENT_HUES[first % ACCENT_HUES.length] ?? 250;
}
