import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import { fold } from "#lib/text.ts";
import type { Email } from "#mail-delivery/email.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import type { Tx } from "#platform/database/database.ts";
import type { Deps } from "#platform/deps.ts";
import { asTarget, findActiveUsers, getUser, lockUser, setFrozen, type User } from "#users/user.ts";
import { countingGuesses } from "./guessed-token.ts";
import { useMailToken } from "./mail-token.ts";
import { getDisownedEmail } from "./not-me-link.ts";
import { revokeOpenRecoveries } from "./revoke-open-recoveries.ts";
import { refusePassword } from "./set-password.ts";

/**
 * “This was not me”: the user's sessions are over, the password and every link are worth nothing from now on, no new one is
 * made until somebody thaws the account, and all administrators are told by mail. Once for each mail; the second time says
 * that it was done.
 * @throws link_invalid, too_many_requests, link_expired, link_used
 */
export async function disownChange(deps: Deps, scope: Scope, input: { token: string }): Promise<User> {
  const unknown = { type: "user", id: null, name: "" } as const;
  const act = { action: "password.disown", target: unknown } as const;
  const disown = async (tx: Tx): Promise<User> => {
    const email = await getDisownedEmail(deps, tx, scope, input.token);
    const disowner = await lockUser(tx, scope, email.user_id);
    const at = deps.clock.now();
    await requireNewest(tx, scope, email, disowner);
    if (!(await useMailToken(tx, scope, at, { emailId: email.id, mark: "disowned_at" }))) throw saidBefore();
    const { sessionsEnded } = await refusePassword(tx, scope, at, disowner.id);
    await revokeOpenRecoveries(tx, scope, at, { userId: disowner.id, because: "disowned" });
    await setFrozen(tx, scope, disowner.id, at);
    const detail = { email_id: email.id, mail: email.kind, sessions_ended: sessionsEnded };
    await recordAuditEvent(tx, scope, at, { ...act, target: asTarget(disowner), detail });
    await alertAdministrators(tx, scope, at, { user: disowner, mail: email.kind });
    return disowner;
  };
  const user = await countingGuesses(deps, scope, () => audited(deps, scope, act, disown));
  deps.wakeWorker();
  return user;
}

/**
 * Reads whose account a mail speaks of. Changes nothing.
 * @returns the user, and whether it was said already and still holds.
 * @throws link_invalid, too_many_requests, link_expired, and link_used once an administrator has thawed the account, or the
 *   password was changed, since
 */
export function readDisowner(
  deps: Deps,
  scope: Scope,
  input: { token: string },
): Promise<{ user: User; isDisowned: boolean }> {
  const read = async (tx: Tx): Promise<{ user: User; isDisowned: boolean }> => {
    const email = await getDisownedEmail(deps, tx, scope, input.token);
    const user = await getUser(tx, scope, email.user_id);
    const wasSaid = email.data.disowned_at !== undefined;
    if (wasSaid && !user.frozenAt) throw saidBefore();
    if (!wasSaid) await requireNewest(tx, scope, email, user);
    return { user, isDisowned: wasSaid };
  };
  return countingGuesses(deps, scope, () => deps.db.inInstance(scope.instance.id, read));
}

/** Once the password was changed again, the mail about that speaks of what holds now; an older one would shut out who has mended it since. @throws link_used */
async function requireNewest(tx: Tx, scope: Scope, email: Email, user: User): Promise<void> {
  if (email.kind === "address_changed" || fold(email.to_address) !== fold(user.email)) return;
  const newer = await tx
    .selectFrom("emails")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("user_id", "=", user.id)
    .where("kind", "=", "password_changed")
    .where("id", ">", email.id)
    .limit(1)
    .executeTakeFirst();
  if (newer)
    throw new RekeyError("link_used", { detail: "A newer mail tells of a later change. Use the link in that one." });
}

function saidBefore(): RekeyError {
  return new RekeyError("link_used", { detail: "It was said before, and your administrators have been told." });
}

async function alertAdministrators(tx: Tx, scope: Scope, at: Date, of: { user: User; mail: string }): Promise<void> {
  const people = await findActiveUsers(tx, scope, ["owner", "admin"]);
  const data = { at: at.toISOString(), user_id: of.user.id, user_name: of.user.name, mail: of.mail };
  const administrators = people.filter((person) => person.id !== of.user.id);
  for (const { id, email } of administrators)
    await queueEmail(tx, scope, at, { kind: "change_disowned", userId: id, to: email, data });
}
