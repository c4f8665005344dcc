import { setTimeout as pause } from "node:timers/promises";

import { audited, recordAuditEvent, recordAuditEvents } from "#audit/audit-event.ts";
import {
  type Credential,
  findCredential,
  hasForeignHash,
  upgradePasswordHash,
  verifyCredential,
} from "#credentials/credential.ts";
import { hashPassword, needsRehash } from "#credentials/password-hash.ts";
import type { Actor, Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold, keepable } from "#lib/text.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { recordSignIn } from "#recovery/record-sign-in.ts";
import { isKnownBrowser, rememberBrowser } from "#sessions/known-browser.ts";
import {
  type Counter,
  counterOf,
  counterOfNobody,
  countFailure,
  forgetFailures,
  forgetOldFailures,
  isLocked,
} from "#sessions/lockout.ts";
import { endSession, FRESH_MS, maySignIn, startSession } from "#sessions/session.ts";
import { reopenAfterRefusal } from "#tickets/reopen-after-refusal.ts";
import { asTarget, findUserByIdentifier, lockUser, recordLastSignIn, type User } from "#users/user.ts";
import { countFailedSignIn, inSignInLine, requireSignInTurn } from "./sign-in-pace.ts";

/** Stands where the id of a user would, so that looking for nobody is as much work as looking for somebody. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

const LONGEST_USER_AGENT = 300;

interface Attempt {
  readonly identifier: string;
  readonly password: string;
  readonly userAgent: string | undefined;
  /** What names the browser, whether it is known to the account or not. */
  readonly browserId: string;
  /** The session that the browser held until now, which ends with this sign-in (OWASP ASVS 5.0, V7.2.4). */
  readonly formerSessionId: string | undefined;
}

/** Why a sign-in failed, for the record; the stranger is told the same for all. */
type Refusal =
  | "unknown_user"
  | "locked"
  | "wrong_password"
  | "no_password"
  | "new_password_required"
  | "temporary_password_expired"
  | "inactive"
  | "no_access";

export interface SignedIn {
  readonly user: User;
  /** Opaque, for the cookie alone. */
  readonly sessionId: string;
  /** They came in with a temporary password, and can do nothing before they have one of their own. */
  readonly mustChangePassword: boolean;
}

/**
 * While hashes of other systems remain, some passwords take longer to check than others, so a refusal comes at a fixed time
 * after it was asked for: longer than the slowest hash that an import takes in, tried in two spellings (bench/foreign-hashes.ts).
 */
const FOREIGN_DEADLINE_MS = 2_000;

/** What is known of an attempt before the password is looked at. */
interface Account {
  readonly user: User | undefined;
  readonly credential: Credential | undefined;
  readonly counter: Counter;
  readonly isLocked: boolean;
  /** Whether a refusal waits for the fixed time. */
  readonly waits: boolean;
}

/**
 * A session begins for who knows the password, and the timeline of a recovery that led here says so. Failures in a row stop an
 * account for everybody but a browser that is known to it, which has a count of its own; a locked account does not tell so.
 * @throws invalid_credentials for every reason alike, after the same work: nothing tells a stranger whether an account exists
 *   (OWASP ASVS 5.0, V6.3.8); too_many_requests
 */
export async function signIn(deps: Deps, scope: Scope, attempt: Attempt): Promise<SignedIn> {
  const startedAt = performance.now();
  const { signedIn, waits } = await inSignInLine(scope, () => decide(deps, scope, attempt));
  if (signedIn) return signedIn;
  if (waits) await pause(Math.max(0, startedAt + FOREIGN_DEADLINE_MS - performance.now()));
  throw new RekeyError("invalid_credentials");
}

/** @returns who signed in, or that nobody did, which stands in the record. */
async function decide(deps: Deps, scope: Scope, attempt: Attempt): Promise<{ signedIn?: SignedIn; waits: boolean }> {
  const account = await deps.db.inInstance(scope.instance.id, (tx) =>
    findAccount(tx, scope, deps.clock.now(), attempt),
  );
  const { user, credential } = account;
  const isRight = await verifyCredential(attempt.password, credential);
  const refusal = findRefusal(account, isRight, deps.clock.now());
  if (!user || !credential || refusal) {
    await recordRefusal(deps, scope, attempt, { ...account, refusal: refusal ?? "unknown_user" });
    return { waits: account.waits };
  }
  const { passwordHash } = credential;
  const upgraded = needsRehash(passwordHash) ? await hashPassword(attempt.password) : undefined;
  const act = { action: "session.refuse", target: asTarget(user) } as const;
  const { sessionId, isNewBrowser } = await audited(deps, scope, act, async (tx) => {
    await requireUnchanged(tx, scope, deps.clock.now(), { ...account, user, passwordHash });
    await forgetFailures(tx, scope, account.counter);
    if (attempt.formerSessionId) await endSession(tx, scope, deps.clock.now(), attempt.formerSessionId);
    if (upgraded) await upgradePasswordHash(tx, scope, { userId: user.id, from: passwordHash, to: upgraded });
    return begin(deps, tx, scope, { user, attempt });
  });
  if (isNewBrowser) deps.wakeWorker();
  return { signedIn: { user, sessionId, mustChangePassword: credential.kind === "temporary" }, waits: false };
}

async function findAccount(tx: Tx, scope: Scope, at: Date, attempt: Attempt): Promise<Account> {
  const { identifier, browserId } = attempt;
  const user = await findUserByIdentifier(tx, scope, identifier);
  const userId = user?.id ?? NOBODY;
  const [isKnown, credential, waits] = await Promise.all([
    isKnownBrowser(tx, scope, { userId, browserId }),
    findCredential(tx, scope, userId),
    hasForeignHash(tx, scope),
  ]);
  if (!isKnown) await requireSignInTurn(tx, scope, at);
  const counter = user
    ? counterOf({ userId, knownBrowserId: isKnown ? browserId : undefined })
    : counterOfNobody(fold(identifier));
  return { user, credential, counter, isLocked: await isLocked(tx, scope, at, counter), waits };
}

function findRefusal(
  { user, credential, isLocked: locked }: Account,
  isRight: boolean,
  now: Date,
): Refusal | undefined {
  if (!user) return "unknown_user";
  if (locked) return "locked";
  if (!credential) return "no_password";
  if (!isRight) return "wrong_password";
  if (credential.kind === "refused") return "new_password_required";
  if (credential.expiresAt && credential.expiresAt <= now) return "temporary_password_expired";
  if (user.status === "inactive") return "inactive";
  return maySignIn(user) ? undefined : "no_access";
}

/**
 * While the password was being checked it may have been changed, which ended all sessions: none may begin with the old one. Nor
 * may one begin after as many failures as were made meanwhile.
 */
async function requireUnchanged(
  tx: Tx,
  scope: Scope,
  at: Date,
  of: { user: User; passwordHash: string; counter: Counter },
): Promise<void> {
  const user = await lockUser(tx, scope, of.user.id);
  const [credential, isStopped] = await Promise.all([
    findCredential(tx, scope, user.id),
    isLocked(tx, scope, at, of.counter),
  ]);
  const isSame = credential?.passwordHash === of.passwordHash && credential.kind !== "refused";
  if (!isSame || isStopped || !maySignIn(user)) throw new RekeyError("invalid_credentials");
}

async function begin(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  { user, attempt }: { user: User; attempt: Attempt },
): Promise<{ sessionId: string; isNewBrowser: boolean }> {
  const { browserId } = attempt;
  const userAgent = attempt.userAgent?.slice(0, LONGEST_USER_AGENT) ?? null;
  const at = deps.clock.now();
  const sessionId = await startSession(tx, scope, at, { userId: user.id, userAgent });
  await recordLastSignIn(tx, scope, user.id, at);
  const freshUntil = after(at, FRESH_MS);
  const actor: Actor = { type: "user", id: user.id, name: user.name, role: user.role, freshUntil };
  const [isNewBrowser] = await Promise.all([
    rememberBrowser(tx, scope, at, { userId: user.id, browserId, userAgent }),
    recordSignIn(tx, scope, at, user.id),
    recordAuditEvent(tx, { ...scope, actor }, at, { action: "session.create", target: asTarget(user) }),
  ]);
  if (isNewBrowser) {
    const data = { at: at.toISOString(), user_agent: userAgent, source_address: scope.request?.sourceAddress ?? "" };
    await queueEmail(tx, scope, at, { kind: "new_browser", userId: user.id, to: user.email, data });
  }
  return { sessionId, isNewBrowser };
}

async function recordRefusal(
  deps: Deps,
  scope: Scope,
  attempt: Attempt,
  { user, counter, refusal }: Account & { readonly refusal: Refusal },
): Promise<void> {
  const target = { type: "user", id: user?.id ?? null, name: user?.name ?? keepable(attempt.identifier) } as const;
  await deps.db.inInstance(scope.instance.id, async (tx) => {
    const at = deps.clock.now();
    const hasBegun = await countFailure(tx, scope, at, counter);
    await recordAuditEvents(tx, scope, at, [
      { action: "session.refuse", target, reason: refusal, result: "refused" },
      ...(hasBegun ? [{ action: "user.lock", target } as const] : []),
    ]);
    await reopenAfterRefusal(tx, scope, at, user?.id ?? NOBODY);
    if (counter.browser === "") await countFailedSignIn(tx, scope, at);
    await forgetOldFailures(tx, scope, at);
  });
}
