import { sql } from "kysely";

import { listSignIns } from "#audit-trail/list-sign-ins.ts";
import { unknownNames } from "#audit-trail/unknown-names.ts";
import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import { fold } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { findUserByIdentifier, type User } from "#users/user.ts";
import { lookElsewhere } from "./look-elsewhere.ts";

/** Where somebody tried to sign in who has no way in there. */
export interface TryElsewhere {
  readonly instance: Instance;
  /** The last time. */
  readonly at: Date;
}

/** Why a right password lets nobody in: they may have moved from there to here. */
const CLOSED_TO_THEM: ReadonlySet<string | null> = new Set(["inactive", "no_access"]);

/**
 * @returns the other instances whose users the acting person may read too and in which the user tried to sign in since then:
 *   by a name or an address that nobody has there, or to an account that is closed to them.
 */
export async function findTriesElsewhere(
  deps: Deps,
  scope: Scope,
  since: Date,
  user: User,
): Promise<readonly TryElsewhere[]> {
  return lookElsewhere(deps, scope, async (tx, there) => {
    const account = await findUserByIdentifier(tx, there, user.email);
    const at = account ? await lastClosed(tx, there, since, account) : await lastUnknown(tx, there, since, user);
    return at && { instance: there.instance, at };
  });
}

async function lastClosed(tx: Tx, there: Scope, since: Date, account: User): Promise<Date | undefined> {
  const last = (await listSignIns(tx, there, account.id)).find(({ reason }) => CLOSED_TO_THEM.has(reason));
  return last && last.at > since ? last.at : undefined;
}

async function lastUnknown(tx: Tx, there: Scope, since: Date, user: User): Promise<Date | undefined> {
  const row = await unknownNames(tx, there, since)
    .select(sql<Date | null>`max(at)`.as("at"))
    .where(sql<string>`lower(target_name)`, "in", [fold(user.username), fold(user.email)])
    .executeTakeFirst();
  return row?.at ? new Date(row.at) : undefined;
}
