import { listInstances, type Instance } from "#instances/instance.ts";
import type { Deps } from "#platform/deps.ts";

/**
 * @returns the first instance whose newest seal was made with a secret that is not among those given, or undefined: what was
 *   mailed or begun under that secret does not work here, and what is recorded here does not where it is known.
 */
export async function findUnknownKey({ db, keyring }: Deps): Promise<Instance | undefined> {
  for (const instance of await listInstances(db)) {
    const newest = await db.inInstance(instance.id, (tx) =>
      tx
        .selectFrom("audit_seals")
        .select("key_id")
        .where("instance_id", "=", instance.id)
        .orderBy("number", "desc")
        .limit(1)
        .executeTakeFirst(),
    );
    if (newest && !keyring.keyIds.includes(newest.key_id)) return instance;
  }
  return undefined;
}
