import { availableParallelism } from "node:os";

import type { Scope } from "#instances/scope.ts";
import { SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { fairLine } from "#lib/fair-line.ts";
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

/** As many as keep every core busy while others wait for the database; a flood of them leaves the rest of the program its share. */
const AT_ONCE = 2 * availableParallelism();
/** A whole shift that signs in at the same moment, from one address, and is served within seconds. */
const LONGEST_LINE = 100;
const RETRY_AFTER_SECONDS = 5;

const line = fairLine(
  { atOnce: AT_ONCE, longest: LONGEST_LINE },
  () => new RekeyError("too_many_requests", { retryAfterSeconds: RETRY_AFTER_SECONDS }),
);

/**
 * Sign-ins wait for those from the same source, and sources take turns: a flood from one, or at one instance, keeps its own
 * people waiting and nobody else.
 * @throws too_many_requests when too many wait already.
 */
export function inSignInLine<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  return line(`${scope.instance.id} ${sourceOf(scope)}`, work);
}

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
    { key: `failed_sign_ins:${sourceOf(scope)}`, ...PER_SOURCE },
    { key: "failed_sign_ins", ...PER_INSTANCE },
  ];
}

function sourceOf(scope: Scope): string {
  return networkOf(scope.request?.sourceAddress ?? "");
}
