import type { Database } from "#platform/database/database.ts";

/** Moves the instance that was made without REKEY_ORIGIN to the port that the server listens on now. */
export async function followPort(db: Database, origin: string): Promise<void> {
  await db.onInstances((tx) =>
    tx
      .updateTable("instances")
      .set({ origin, host: new URL(origin).host })
      .where("origin_follows_port", "=", true)
      .where("origin", "!=", origin)
      .execute(),
  );
}
