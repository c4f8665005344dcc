import { listInstances, type Instance } from "#instances/instance.ts";
import type { Deps } from "#platform/deps.ts";

/**
 * @returns an instance whose newest seal was made with a secret that is not among those given, where there is none that was
 *   sealed with one of them: what was mailed or begun under that secret does not work here.
 */
export async function findUnknownKey({ db, keyring }: Deps): Promise<Instance | undefined> {
  let unknown: Instance | undefined;
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
    if (newest && keyring.keyIds.includes(newest.key_id)) return undefined;
    if (newest) unknown ??= instance;
  }
  return unknown;
}
