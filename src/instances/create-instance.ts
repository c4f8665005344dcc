import { createHash } from "node:crypto";

import { RekeyError } from "#lib/errors.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Deps } from "#platform/deps.ts";
import { findInstanceByHost, type Instance, toInstance } from "./instance.ts";

/** Hues far enough apart that two instances side by side are told apart at a glance. */
const ACCENT_HUES = [155, 250, 310, 25, 205, 280, 75, 345];

/**
 * A new, empty instance answers at its origin.
 * @param input.origin an origin in its plain form, as `parseOrigin` gives it.
 * @param input.followsPort whether the origin was a default that moves along when the server listens on another port.
 * @throws origin_taken
 */
export async function createInstance(
  deps: Deps,
  input: { name: string; origin: string; followsPort?: boolean },
): Promise<Instance> {
  const host = new URL(input.origin).host;
  if (await findInstanceByHost(deps.db, host)) throw new RekeyError("origin_taken");
  const row = await deps.db.onInstances((tx) =>
    tx
      .insertInto("instances")
      .values({
        id: newId(),
        name: input.name,
        origin: input.origin,
        host,
        origin_follows_port: input.followsPort ?? false,
        accent_hue: hueOf(input.name),
        created_at: deps.clock.now(),
      })
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
  return toInstance(row);
}

function hueOf(name: string): number {
  const [first = 0] = createHash("sha256").update(name).digest();
  return ACCENT_HUES[first % ACCENT_HUES.length] ?? 250;
}
