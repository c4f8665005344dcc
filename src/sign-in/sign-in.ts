import { setTimeout as pause } from "node:timers/promises";

import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import {
  type Credential,
  findCredential,
  hasForeignHash,
  upgradePasswordHash,
  verifyCredential,
} from "#credentials/credential.ts";
import { hashPassword, needsRehash } from "#credentials/password-hash.ts";
import type { Actor, Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { keepable } from "#lib/text.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { recordSignIn } from "#recovery/record-sign-in.ts";
import { endSession, maySignIn, startSession } from "#sessions/session.ts";
import { asTarget, findUserByIdentifier, getUser, lockUser, recordLastSignIn, type User } from "#users/user.ts";

interface Attempt {
  readonly identifier: string;
  readonly password: string;
  readonly userAgent: string | undefined;
  /** The session that the browser held until now, which ends with this sign-in (OWASP ASVS 5.0, V7.2.4). */
  readonly formerSessionId: string | undefined;
}

/** Why a sign-in failed, for the record; the stranger is told the same for all. */
type Refusal =
  | "unknown_user"
  | "wrong_password"
  | "no_password"
  | "new_password_required"
  | "temporary_password_expired"
  | "inactive"
  | "no_access";

interface SignedIn {
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

/**
 * A session begins for who knows the password, and the timeline of a recovery that led here says so.
 * @throws invalid_credentials for every reason alike, after the same work: nothing tells a stranger whether an account exists
 *   (OWASP ASVS 5.0, V6.3.8)
 */
export async function signIn(deps: Deps, scope: Scope, attempt: Attempt): Promise<SignedIn> {
  const startedAt = performance.now();
  const { user, credential, waits } = await deps.db.inInstance(scope.instance.id, async (tx) => {
    const found = await findUserByIdentifier(tx, scope, attempt.identifier);
    const stored = found && (await findCredential(tx, scope, found.id));
    return { user: found, credential: stored, waits: await hasForeignHash(tx, scope) };
  });
  const isRight = await verifyCredential(attempt.password, credential);
  const refusal = findRefusal({ user, credential, isRight, now: deps.clock.now() });
  if (!user || !credential || refusal) {
    await recordRefusal(deps, scope, attempt, { user, refusal: refusal ?? "unknown_user" });
    if (waits) await pause(Math.max(0, startedAt + FOREIGN_DEADLINE_MS - performance.now()));
    throw new RekeyError("invalid_credentials");
  }
  const { passwordHash } = credential;
  const upgraded = needsRehash(passwordHash) ? await hashPassword(attempt.password) : undefined;
  const act = { action: "session.refuse", target: asTarget(user) } as const;
  const sessionId = await audited(deps, scope, act, async (tx) => {
    await requireUnchanged(tx, scope, user, passwordHash);
    if (attempt.formerSessionId) await endSession(tx, scope, deps.clock.now(), attempt.formerSessionId);
    if (upgraded) await upgradePasswordHash(tx, scope, { userId: user.id, from: passwordHash, to: upgraded });
    return begin(deps, tx, scope, { user, userAgent: attempt.userAgent });
  });
  return { user, sessionId, mustChangePassword: credential.kind === "temporary" };
}

function findRefusal(of: {
  user: User | undefined;
  credential: Credential | undefined;
  isRight: boolean;
  now: Date;
}): Refusal | undefined {
  const { user, credential, isRight, now } = of;
  if (!user) return "unknown_user";
  if (!credential) return "no_password";
  if (!isRight) return "wrong_password";
  if (credential.kind === "refused") return "new_password_required";
  if (credential.expiresAt && credential.expiresAt <= now) return "temporary_password_expired";
  if (user.status === "inactive") return "inactive";
  return maySignIn(user) ? undefined : "no_access";
}

/** While the password was being checked it may have been changed, which ended all sessions: none may begin with the old one. */
async function requireUnchanged(tx: Tx, scope: Scope, user: User, hash: string): Promise<void> {
  await lockUser(tx, scope, user.id);
  const credential = await findCredential(tx, scope, user.id);
  const isSame = credential?.passwordHash === hash && credential.kind !== "refused";
  if (!isSame || !maySignIn(await getUser(tx, scope, user.id))) throw new RekeyError("invalid_credentials");
}

async function begin(
  deps: Deps,
  tx: Tx,
  scope: Scope,
  of: { user: User; userAgent: string | undefined },
): Promise<string> {
  const { user, userAgent } = of;
  const at = deps.clock.now();
  const sessionId = await startSession(tx, scope, at, { userId: user.id, userAgent });
  await recordLastSignIn(tx, scope, user.id, at);
  await recordSignIn(tx, scope, at, user.id);
  const actor: Actor = { type: "user", id: user.id, name: user.name, role: user.role };
  await recordAuditEvent(tx, { ...scope, actor }, at, { action: "session.create", target: asTarget(user) });
  return sessionId;
}

async function recordRefusal(
  deps: Deps,
  scope: Scope,
  attempt: Attempt,
  of: { user: User | undefined; refusal: Refusal },
): Promise<void> {
  await deps.db.inInstance(scope.instance.id, (tx) =>
    recordAuditEvent(tx, scope, deps.clock.now(), {
      action: "session.refuse",
      target: { type: "user", id: of.user?.id ?? null, name: of.user?.name ?? keepable(attempt.identifier) },
      reason: of.refusal,
      result: "refused",
    }),
  );
}
