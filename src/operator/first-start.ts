import { recordAuditEvent } from "#audit/audit-event.ts";
import { hashPassword } from "#credentials/password-hash.ts";
import { requireAcceptablePassword } from "#credentials/password-policy.ts";
import { replacePasswordHash } from "#credentials/credential.ts";
import { createInstance } from "#instances/create-instance.ts";
import { followPort } from "#instances/follow-port.ts";
import { type Instance, listInstances } from "#instances/instance.ts";
import { OPERATOR, type Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { OperatorError } from "#lib/operator-error.ts";
import type { Deps } from "#platform/deps.ts";
import { showResetLink } from "#recovery/show-reset-link.ts";
import { createUser } from "#user-management/create-user.ts";
import type { User } from "#users/user.ts";

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
  /** With which its Owner sets a password, if the instance was made just now. */
  readonly ownerLink: string | undefined;
}

/**
 * An empty database gets its first instance and Owner; a default origin follows the port.
 * @param defaultOrigin where the server listens now, for when REKEY_ORIGIN is unset.
 * @returns the first instance, and the link with which its Owner sets a password if one was made just now.
 */
export async function prepareFirstInstance(
  deps: Deps,
  config: FirstInstance,
  defaultOrigin: string,
): Promise<PreparedInstance> {
  if (config.origin === undefined) await followPort(deps.db, defaultOrigin);
  const [existing] = await listInstances(deps.db);
  if (existing) return { instance: existing, ownerLink: undefined };
  await refuseWeakOwnerPassword(config);
  const instance = await createInstance(deps, {
    name: config.instanceName,
    origin: config.origin ?? defaultOrigin,
    followsPort: config.origin === undefined,
  });
  const ownerLink = await createOwner(deps, instance, { email: config.ownerEmail, password: config.ownerPassword });
  return { instance, ownerLink };
}

/**
 * The instance gets its Owner.
 * @returns the Owner's set-password link, an ordinary invitation, unless a password was given.
 */
export async function createOwner(
  deps: Deps,
  instance: Instance,
  owner: { email: string; password?: string | undefined },
): Promise<string | undefined> {
  const scope: Scope = { instance, actor: OPERATOR, request: undefined };
  await deps.db.inInstance(instance.id, (tx) =>
    recordAuditEvent(tx, scope, deps.clock.now(), {
      action: "instance.create",
      target: { type: "instance", id: instance.id, name: instance.name },
    }),
  );
  const user = await createUser(deps, scope, {
    email: owner.email,
    firstName: "Instance",
    lastName: "Owner",
    role: "owner",
    invite: false,
  });
  if (owner.password === undefined) return showResetLink(deps, scope, { userId: user.id });
  await giveFirstPassword(deps, scope, user, owner.password);
  return undefined;
}

async function giveFirstPassword(deps: Deps, scope: Scope, user: User, password: string): Promise<void> {
  const passwordHash = await hashPassword(password);
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    const at = deps.clock.now();
    await replacePasswordHash(tx, scope, at, { userId: user.id, passwordHash });
    const target = { type: "user", id: user.id, name: user.name } as const;
    await recordAuditEvent(tx, scope, at, { action: "password.change", target, detail: { by: "configuration" } });
  });
}

/** Checked before anything is made, so that the next start with a better one finds the database still empty. */
async function refuseWeakOwnerPassword(config: FirstInstance): Promise<void> {
  if (config.ownerPassword === undefined) return;
  const user = { firstName: "", lastName: "", username: "", email: config.ownerEmail };
  try {
    await requireAcceptablePassword(config.ownerPassword, { user, instanceName: config.instanceName }, "password");
  } catch (error) {
    if (error instanceof RekeyError)
      throw new OperatorError(`REKEY_OWNER_PASSWORD cannot be used. ${error.detail}`, error);
    throw error;
  }
}
