import { recordAuditEvent, recordingRefusals } from "#audit/audit-event.ts";
import { verifyCredential } from "#credentials/credential.ts";
import type { Scope } from "#instances/scope.ts";
import { after } from "#lib/clock.ts";
import { invalidFields, RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { forgetCount } from "#rate-limits/rate-limit.ts";
import { asTarget } from "#users/user.ts";
import { guessesKey, readCredentialForGuess } from "./own-password-guess.ts";
import { confirmSession, FRESH_MS, renewSession, type Session } from "./session.ts";

/*
 * A session that somebody left open must not be enough for what matters most: whoever acts has signed in, or confirmed with
 * their password that it is them, a short while ago (OWASP ASVS 5.0, V7.5.1).
 */

/** @throws step_up_required when the acting person's sign-in is no longer fresh. Keys and the operator have none. */
export function requireFreshSignIn({ actor }: Scope, at: Date): void {
  if (actor.type === "user" && actor.freshUntil <= at) throw new RekeyError("step_up_required");
}

/**
 * The person of the session has shown that it is them. It goes on under a new id (OWASP ASVS 5.0, V7.2.4).
 * @returns the session as it goes on, whose id is for the cookie alone.
 * @throws validation_failed (on `password`), too_many_requests
 */
export async function confirmSignIn(
  deps: Deps,
  scope: Scope,
  of: { session: Session; password: string },
): Promise<Session> {
  const { session, password } = of;
  const act = { action: "session.confirm", target: asTarget(session.user) } as const;
  return recordingRefusals(deps, scope, act, async () => {
    const credential = await readCredentialForGuess(deps, scope, session.user.id);
    if (!(await verifyCredential(password, credential)))
      throw invalidFields([{ field: "password", code: "wrong", detail: "This is not your password." }]);
    return deps.db.inInstance(scope.instance.id, async (tx) => {
      const at = deps.clock.now();
      await forgetCount(tx, scope, guessesKey(session.user.id));
      await confirmSession(tx, scope, at, session.id);
      const id = await renewSession(tx, scope, session.id);
      await recordAuditEvent(tx, scope, at, act);
      return { ...session, id, freshUntil: after(at, FRESH_MS) };
    });
  });
}
