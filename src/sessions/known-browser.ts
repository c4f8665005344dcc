import type { Context } from "hono";

import type { Scope } from "#instances/scope.ts";
import { DAY_MS } from "#lib/clock.ts";
import { newOpaqueId } from "#platform/crypto/id.ts";
import { digestOf } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import { sendAlong } from "#platform/database/transaction.ts";
import { getOwnCookie, setOwnCookie } from "#platform/http/cookies.ts";

/*
 * A browser that somebody signed in with is known to their account from then on, until their password is set anew. A lockout
 * does not stop it, and a sign-in from another one is told to the person. The cookie names the browser, whoever sits at it:
 * a front desk has one browser and many accounts.
 */

/** What browsers keep a cookie for at most (RFC 6265bis, section 5.5). */
const COOKIE = { name: "rekey-browser", maxAgeSeconds: (400 * DAY_MS) / 1_000 };

/** A person has fewer; scripts that keep no cookies would fill the table. */
const MOST_KNOWN = 20;

/** @returns what names this browser: what its cookie says, or a new name that it is given once somebody signs in. */
export function readBrowserId(c: Context, origin: string): string {
  const id = getOwnCookie(c, origin, COOKIE.name);
  return id !== undefined && /^[\w-]{43}$/.test(id) ? id : newOpaqueId();
}

/** The browser goes by this name for as long as it keeps cookies. */
export function giveBrowserId(c: Context, origin: string, id: string): void {
  setOwnCookie(c, origin, COOKIE, id);
}

interface Browser {
  readonly userId: string;
  readonly browserId: string;
}

/** @returns whether somebody signed in to the account from this browser since its password was set. */
export async function isKnownBrowser(tx: Tx, scope: Scope, { userId, browserId }: Browser): Promise<boolean> {
  const found = await browsersOf(tx, scope, userId)
    .select("id_digest")
    .where("id_digest", "=", digestOf(browserId))
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * The browser is known to the account.
 * @returns whether the person should hear of it: others are known, and none of them is of the same kind at the same address,
 *   as a browser is that forgets its cookies.
 */
export async function rememberBrowser(
  tx: Tx,
  scope: Scope,
  at: Date,
  browser: Browser & { readonly userAgent: string | null },
): Promise<boolean> {
  const { userId, userAgent } = browser;
  const sourceAddress = scope.request?.sourceAddress ?? "";
  const known = await browsersOf(tx, scope, userId)
    .select(["id_digest", "user_agent", "source_address"])
    .orderBy("last_used_at", "desc")
    .execute();
  const digest = digestOf(browser.browserId);
  const used = { user_agent: userAgent, source_address: sourceAddress, last_used_at: at };
  await sendAlong(
    tx,
    tx
      .insertInto("known_browsers")
      .values({ instance_id: scope.instance.id, user_id: userId, id_digest: digest, ...used })
      .onConflict((conflict) => conflict.columns(["instance_id", "user_id", "id_digest"]).doUpdateSet(used)),
  );
  const others = known.filter((each) => !each.id_digest.equals(digest));
  const stale = others.slice(MOST_KNOWN - 1).map((each) => each.id_digest);
  if (stale.length > 0) await sendAlong(tx, forget(tx, scope, userId).where("id_digest", "in", stale));
  const isLikeThis = (each: (typeof known)[number]): boolean =>
    each.id_digest.equals(digest) || (each.user_agent === userAgent && each.source_address === sourceAddress);
  return known.length > 0 && !known.some(isLikeThis);
}

/** No browser is known to the account any more. */
export async function forgetBrowsers(tx: Tx, scope: Scope, userId: string): Promise<void> {
  await sendAlong(tx, forget(tx, scope, userId));
}

function browsersOf(tx: Tx, scope: Scope, userId: string) {
  return tx.selectFrom("known_browsers").where("instance_id", "=", scope.instance.id).where("user_id", "=", userId);
}

function forget(tx: Tx, scope: Scope, userId: string) {
  return tx.deleteFrom("known_browsers").where("instance_id", "=", scope.instance.id).where("user_id", "=", userId);
}
