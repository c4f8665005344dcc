import { type Insertable, sql } from "kysely";

import { recordAuditEvents } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Role, UserStatus, UsersTable } from "#platform/database/tables.ts";
import type { Deps } from "#platform/deps.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { requireMayGrant, requirePermission } from "#users/permissions.ts";
import { ROLES } from "#users/roles.ts";
import { findUsersByIdentifiers } from "#users/user.ts";
import { chooseUsernames } from "./choose-usernames.ts";
import { requireSuperiors, type Superior } from "./reports-to.ts";
import { requireValidFields, toColumns, type UserFields } from "./user-fields.ts";

export interface NewAccount extends Omit<UserFields, "username"> {
  /** Left out, it is made from the address. */
  readonly username?: string | undefined;
  readonly role: Role;
  /** Somebody who is here already, or another of those who are added with them. */
  readonly reportsTo?: Superior | null | undefined;
  /** `active`, if left out. */
  readonly status?: UserStatus;
  /** Of a password that the user has already, from a configuration or another system. */
  readonly passwordHash?: string | undefined;
}

/** PostgreSQL takes 65,535 parameters in one statement, and a user has some twenty. */
const ROWS_AT_ONCE = 1_000;

/**
 * Roles that may something are given by a fresh sign-in only. The instance has these users, each with their record, in a few statements however many they are. Nobody is invited yet.
 * @throws not_permitted, step_up_required, validation_failed, email_taken, username_taken; the caller's transaction ends then.
 * @returns their ids, in the order of `accounts`.
 */
export async function addUsers(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  accounts: readonly NewAccount[],
): Promise<readonly string[]> {
  requirePermission(scope, "users.edit");
  for (const account of accounts) {
    requireMayGrant(scope, account.role);
    if (ROLES[account.role].permissions.size > 0) requireFreshSignIn(scope, deps.clock.now());
    requireValidFields(account);
  }
  await waitForOthers(tx, scope);
  const emails = accounts.map(({ email }) => email);
  if ((await findUsersByIdentifiers(tx, scope, emails)).size > 0) throw new RekeyError("email_taken");
  const usernames = await chooseUsernames(tx, scope, accounts);
  const ids = accounts.map(() => newId());
  const superiors = await requireSuperiors(tx, scope, accounts, ids);
  const at = deps.clock.now();
  const entries = accounts.map((account, index) => ({
    row: toRow(scope, at, account, {
      id: ids[index] ?? "",
      username: usernames[index] ?? "",
      reports_to: superiors[index] ?? null,
    }),
    passwordHash: account.passwordHash,
  }));
  for (let done = 0; done < entries.length; done += ROWS_AT_ONCE)
    await insert(tx, scope, at, entries.slice(done, done + ROWS_AT_ONCE));
  return ids;
}

/** Users of an instance are made one transaction after another, so that a name chosen from an address is free for certain. */
async function waitForOthers(tx: Tx, scope: Scope): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${scope.instance.id}, 0))`.execute(tx);
}

type UserRow = Insertable<UsersTable>;

interface Entry {
  readonly row: UserRow;
  readonly passwordHash: string | undefined;
}

function toRow(
  scope: Scope,
  at: Date,
  account: NewAccount,
  chosen: Pick<UserRow, "id" | "username" | "reports_to">,
): UserRow {
  const { role, status = "active" } = account;
  const columns = toColumns({ ...account, username: chosen.username });
  return { instance_id: scope.instance.id, ...columns, ...chosen, role, status, created_at: at };
}

async function insert(tx: Tx, scope: Scope, at: Date, entries: readonly Entry[]): Promise<void> {
  await tx
    .insertInto("users")
    .values(entries.map(({ row }) => row))
    .execute();
  const credentials = entries.flatMap(({ row, passwordHash }) =>
    passwordHash === undefined
      ? []
      : [{ instance_id: scope.instance.id, user_id: row.id, password_hash: passwordHash, set_at: at }],
  );
  if (credentials.length > 0) await tx.insertInto("credentials").values(credentials).execute();
  await recordAuditEvents(tx, scope, at, entries.map(asAct));
}

function asAct({ row, passwordHash }: Entry) {
  const target = { type: "user", id: row.id, name: `${row.first_name} ${row.last_name}`.trim() } as const;
  return {
    action: "user.create",
    target,
    detail: { role: row.role, has_password: passwordHash !== undefined },
  } as const;
}
