import type { Scope } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import type { Tx } from "#platform/database/database.ts";
import { networkOf } from "#platform/http/source-address.ts";
import { type Pace, requireTurnLeft, spendTurn } from "#rate-limits/pace.ts";
import { forgetEnded } from "#rate-limits/rate-limit.ts";

/*
 * How fast failed sign-ins may come from browsers that are not known to the account. It only slows down: a treatment centre is
 * one address, and a whole shift that mistypes its passwords stays far below.
 */
const PER_SOURCE = { atOnce: 200, everyMs: 2 * SECOND_MS };
const PER_INSTANCE = { atOnce: 2_000, everyMs: SECOND_MS / 10 };

/** @throws too_many_requests when the source, or all sources together, have failed too often of late. */
export async function requireSignInTurn(tx: Tx, scope: Scope, at: Date): Promise<void> {
  for (const pace of pacesOf(scope)) await requireTurnLeft(tx, scope, at, pace);
}

/** One failure more. */
export async function countFailedSignIn(tx: Tx, scope: Scope, at: Date): Promise<void> {
  for (const pace of pacesOf(scope)) await spendTurn(tx, scope, at, pace);
  await forgetEnded(tx, scope, at);
}

function pacesOf(scope: Scope): readonly Pace[] {
  return [
    { key: `failed_sign_ins:${networkOf(scope.request?.sourceAddress ?? "")}`, ...PER_SOURCE },
    { key: "failed_sign_ins", ...PER_INSTANCE },
  ];
}
