import { hashPassword } from "#credentials/password-hash.ts";
import { requireAcceptablePassword } from "#credentials/password-policy.ts";
import { followPort } from "#instances/follow-port.ts";
import { type Instance, listInstances } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { OperatorError } from "#lib/operator-error.ts";
import type { Deps } from "#platform/deps.ts";
import { copyResetLink } from "#recovery/copy-reset-link.ts";
import { createFirstInstance } from "./create-instance.ts";

/** What the environment says of the first instance. */
export interface FirstInstance {
  /** Unset, the instance follows the port on loopback. */
  readonly origin: string | undefined;
  readonly instanceName: string;
  readonly ownerEmail: string;
  readonly ownerPassword: string | undefined;
}

/** The instance that the program speaks of at start. */
export interface PreparedInstance {
  readonly instance: Instance;
  /** The Owner's address, while nobody of the instance has ever had a password. */
  readonly waitingOwner: string | undefined;
  /** Makes the link with which its Owner sets a password, recorded as a copy, if the instance was made just now without one. */
  readonly copyOwnerLink: (() => Promise<string>) | undefined;
}

/** What an Owner is called who is known by address only. */
export const UNKNOWN_OWNER = { firstName: "Instance", lastName: "Owner" };

/**
 * An empty database gets its first instance and Owner; a default origin follows the port.
 * @param defaultOrigin where the server listens now, for when REKEY_ORIGIN is unset.
 * @returns the first instance, and what makes the link of its Owner if one was made just now.
 */
export async function prepareFirstInstance(
  deps: Deps,
  config: FirstInstance,
  defaultOrigin: string,
): Promise<PreparedInstance> {
  if (config.origin === undefined) await followPort(deps.db, defaultOrigin);
  const [existing] = await listInstances(deps.db);
  if (existing) {
    const waitingOwner = await findWaitingOwner(deps, existing);
    return { instance: existing, waitingOwner, copyOwnerLink: undefined };
  }
  await refuseWeakOwnerPassword(deps, config);
  const { instance, owner } = await createFirstInstance(deps, {
    name: config.instanceName,
    origin: config.origin ?? defaultOrigin,
    followsPort: config.origin === undefined,
    owner: {
      ...UNKNOWN_OWNER,
      email: config.ownerEmail,
      passwordHash: config.ownerPassword && (await hashPassword(config.ownerPassword)),
    },
  });
  const waitingOwner = await findWaitingOwner(deps, instance);
  if (owner === undefined || waitingOwner === undefined) return { instance, waitingOwner, copyOwnerLink: undefined };
  const scope: Scope = { instance, actor: OPERATOR, request: undefined };
  const copyOwnerLink = async (): Promise<string> => (await copyResetLink(deps, scope, { userId: owner.id })).link;
  return { instance, waitingOwner, copyOwnerLink };
}

/** @returns the address of the Owner, where nobody ever had a password. */
async function findWaitingOwner({ db }: Deps, { id }: Instance): Promise<string | undefined> {
  return db.inInstance(id, async (tx) => {
    const anybody = await tx
      .selectFrom("credentials")
      .select("user_id")
      .where("instance_id", "=", id)
      .limit(1)
      .execute();
    if (anybody.length > 0) return undefined;
    const owners = tx.selectFrom("users").select("email").where("instance_id", "=", id).where("role", "=", "owner");
    return (await owners.orderBy("created_at").limit(1).executeTakeFirst())?.email;
  });
}

/** Checked before anything is made, so that the next start with a better one finds the database still empty. */
async function refuseWeakOwnerPassword(deps: Deps, config: FirstInstance): Promise<void> {
  if (config.ownerPassword === undefined) return;
  const user = { firstName: "", lastName: "", username: "", email: config.ownerEmail };
  try {
    const context = { user, instanceName: config.instanceName };
    await requireAcceptablePassword(deps, config.ownerPassword, context, "password");
  } catch (error) {
    if (error instanceof RekeyError)
      throw new OperatorError(`REKEY_OWNER_PASSWORD cannot be used. ${error.detail}`, error);
    throw error;
  }
}
