import { sql } from "kysely";

import type { Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";

/** Failures with nothing after them for this long are forgotten. */
const REMEMBERED_MS = DAY_MS;

/** Of the id of a user; what stands for a name that nobody has is longer. */
const ID_LENGTH = 36;

/** Whose failed sign-ins are counted together. */
export interface Counter {
  /** The id of the user, or what stands for a name that nobody has. */
  readonly account: string;
  /** Empty for everybody; what stands for a browser that is known to the account, which has a count of its own. */
  readonly browser: string;
}

/** @returns the counter of an account for a browser that is known to it, or for all others. */
export function counterOf(of: { userId: string; knownBrowserId: string | undefined }): Counter {
  const { userId, knownBrowserId } = of;
  return { account: userId, browser: knownBrowserId === undefined ? "" : digestOf(knownBrowserId).toString("hex") };
}

/** @returns the counter of a name that nobody has: what it is counted under does not tell the name. */
export function counterOfNobody(foldedName: string): Counter {
  return { account: digestOf(foldedName).toString("hex"), browser: "" };
}

/** @returns whether sign-in is stopped. The count is held until the transaction ends, so that attempts at once count one after another. */
export async function isLocked(tx: Tx, scope: Scope, at: Date, counter: Counter): Promise<boolean> {
  const row = await tx
    .selectFrom("sign_in_failures")
    .select("locked_until")
    .where("instance_id", "=", scope.instance.id)
    .where("account", "=", counter.account)
    .where("browser", "=", counter.browser)
    .forUpdate()
    .executeTakeFirst();
  return row?.locked_until ? row.locked_until > at : false;
}

/**
 * One failure more in a row. The last one that the instance allows stops sign-in for as long as it says, and the count begins
 * anew; attempts during the lockout do not prolong it.
 * @returns whether this one began a lockout.
 */
export async function countFailure(tx: Tx, scope: Scope, at: Date, counter: Counter): Promise<boolean> {
  const { lockoutFailures, lockoutMs } = scope.instance;
  const lockedUntil = after(at, lockoutMs);
  const before = sql.table("sign_in_failures");
  const isOver = sql<boolean>`${before}.ends_at <= ${at}`;
  const begins = sql<boolean>`${before}.locked_until is null and ${before}.failures + 1 >= ${lockoutFailures}`;
  const { failures } = await tx
    .insertInto("sign_in_failures")
    .values({
      instance_id: scope.instance.id,
      ...counter,
      failures: 1,
      locked_until: null,
      ends_at: after(at, REMEMBERED_MS),
    })
    .onConflict((conflict) =>
      conflict.columns(["instance_id", "account", "browser"]).doUpdateSet({
        failures: sql<number>`case when ${isOver} then 1 when ${begins} then 0 else ${before}.failures + 1 end`,
        locked_until: sql<Date | null>`case
          when ${isOver} then null
          when ${begins} then ${lockedUntil}::timestamptz
          else ${before}.locked_until end`,
        ends_at: sql<Date>`case
          when ${isOver} then excluded.ends_at
          when ${begins} then ${lockedUntil}::timestamptz
          else coalesce(${before}.locked_until, excluded.ends_at) end`,
      }),
    )
    .returning("failures")
    .executeTakeFirstOrThrow();
  return failures === 0;
}

/** The failures in a row are forgotten, as after a success. */
export async function forgetFailures(tx: Tx, scope: Scope, counter: Counter): Promise<void> {
  await sendAlong(tx, ofAccount(tx, scope, counter.account).where("browser", "=", counter.browser));
}

/** The user can sign in again, from wherever they were kept out. @returns whether a lockout was under way. */
export async function endLockout(tx: Tx, scope: Scope, at: Date, userId: string): Promise<boolean> {
  const ended = await ofAccount(tx, scope, userId).returning("locked_until").execute();
  return ended.some((row) => row.locked_until !== null && row.locked_until > at);
}

/** @returns until when sign-in is stopped, of those of these users who are locked out of any browser. */
export async function findLockouts(
  tx: Tx,
  scope: Scope,
  at: Date,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("sign_in_failures")
    .select(["account", (row) => row.fn.max("locked_until").as("until")])
    .where("instance_id", "=", scope.instance.id)
    .where("account", "in", userIds)
    .where("locked_until", ">", at)
    .groupBy("account")
    .execute();
  return new Map(rows.map((row) => [row.account, new Date(row.until as Date)]));
}

/** @returns whose sign-in is stopped, and since when, the latest first: users alone, however many names strangers guess. */
export async function findLockedUsers(
  tx: Tx,
  scope: Scope,
  at: Date,
  limit: number,
): Promise<readonly { readonly userId: string; readonly since: Date }[]> {
  const rows = await tx
    .selectFrom("sign_in_failures")
    .select(["account", (row) => row.fn.max("locked_until").as("until")])
    .where("instance_id", "=", scope.instance.id)
    .where("locked_until", ">", at)
    .where(sql`char_length(account)`, "=", ID_LENGTH)
    .groupBy("account")
    .orderBy("until", "desc")
    .limit(limit)
    .execute();
  const begin = (until: unknown): Date => after(new Date(until as Date), -scope.instance.lockoutMs);
  return rows.map(({ account, until }) => ({ userId: account, since: begin(until) }));
}

/** Counts that are over are deleted; it passes over what others hold, so nobody waits for it. */
export async function forgetOldFailures(tx: Tx, scope: Scope, at: Date): Promise<void> {
  const instanceId = scope.instance.id;
  const old = tx
    .selectFrom("sign_in_failures")
    .select(["account", "browser"])
    .where("instance_id", "=", instanceId)
    .where("ends_at", "<=", at)
    .forUpdate()
    .skipLocked();
  await sendAlong(
    tx,
    tx
      .deleteFrom("sign_in_failures")
      .where("instance_id", "=", instanceId)
      .where(({ eb, refTuple }) => eb(refTuple("account", "browser"), "in", old.$asTuple("account", "browser"))),
  );
}

function ofAccount(tx: Tx, scope: Scope, account: string) {
  return tx.deleteFrom("sign_in_failures").where("instance_id", "=", scope.instance.id).where("account", "=", account);
}
