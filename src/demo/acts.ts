import { randomUUID } from "node:crypto";

import type { Instance } from "#instances/instance.ts";
import { asSystem, OPERATOR, type Scope, STRANGER } from "#instances/scope.ts";
import { MINUTE_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { type Delivery, deliverEmails } from "#mail-delivery/deliver-emails.ts";
import type { Email } from "#mail-delivery/email.ts";
import { recordReport } from "#mail-delivery/record-report.ts";
import { newOpaqueId } from "#platform/crypto/id.ts";
import type { Deps } from "#platform/deps.ts";
import { disownChange } from "#recovery/disown-change.ts";
import { notMeLinkOf } from "#recovery/not-me-link.ts";
import { listRecoveries } from "#recovery/recovery.ts";
import { redeemResetLink } from "#recovery/redeem-reset-link.ts";
import { linkOf } from "#recovery/reset-link.ts";
import { revokeRecovery } from "#recovery/revoke-recovery.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { setTemporaryPassword } from "#recovery/set-temporary-password.ts";
import { signIn } from "#sign-in/sign-in.ts";
import type { User } from "#users/user.ts";
import { at } from "./side-by-side.ts";

/** Everybody in the demo signs in with this. */
export const DEMO_PASSWORD = "maple river morning train";

/** What people there work with. */
const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
] as const;

/** They sign in. @throws RekeyError as `signIn` does */
export async function comeIn(then: Deps, scope: Scope, user: Pick<User, "username">, password: string): Promise<void> {
  const request = { id: randomUUID(), sourceAddress: `203.0.113.${user.username.length}` };
  await signIn(
    then,
    { ...asStranger(scope), request },
    {
      identifier: user.username,
      password,
      userAgent: BROWSERS[user.username.length % BROWSERS.length],
      browserId: newOpaqueId(),
      formerSessionId: undefined,
    },
  );
}

/** @returns who follows a link or signs in: somebody whom nobody knows yet. */
export function asStranger(scope: Scope): Scope {
  return { ...scope, actor: STRANGER };
}

/** Somebody looks for their account where it is not. */
export async function tryElsewhere(deps: Deps, instance: Instance, username: string): Promise<void> {
  await comeIn(at(deps, 2 * MINUTE_MS), asSystem(instance), { username }, DEMO_PASSWORD).catch(ignoreRefusal);
}

/** The password is set with a link that was mailed, so that the address is known to be theirs. */
export async function setPasswordByMail(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<void> {
  const recovery = await sendResetLink(then, { ...scope, actor: OPERATOR }, { userId: user.id });
  await deliverEmails(then, delivery, "emails");
  const token = linkOf(then.keyring, scope.instance, recovery).split("/").at(-1) ?? "";
  await redeemResetLink(then, asStranger(scope), { token, password: DEMO_PASSWORD });
  await deliverEmails(then, delivery, "emails");
}

/** Handed over on the telephone. @returns it. */
export async function giveTemporaryPassword(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<string> {
  const verification = { method: "call_back", note: "Called back on the extension in the staff list" } as const;
  const set = await setTemporaryPassword(then, scope, { userId: user.id, mode: "generated", verification });
  await deliverEmails(then, delivery, "emails");
  return set.password ?? "";
}

/** What was sent last works no more. */
export async function revokeNewest(then: Deps, scope: Scope, user: User): Promise<void> {
  const [newest] = await then.db.inInstance(scope.instance.id, (tx) =>
    listRecoveries(tx, scope, { userId: user.id, limit: 1 }),
  );
  if (newest) await revokeRecovery(then, scope, { recoveryId: newest.id });
}

function findNewestEmail(then: Deps, { instance }: Scope, user: User): Promise<Email> {
  return then.db.inInstance(instance.id, (tx) =>
    tx
      .selectFrom("emails")
      .selectAll()
      .where("instance_id", "=", instance.id)
      .where("user_id", "=", user.id)
      .orderBy("id", "desc")
      .executeTakeFirstOrThrow(),
  );
}

/** “This was not me”, says the mail's reader of the change that it tells of. */
export async function disownNewest(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<void> {
  const link = notMeLinkOf(then.keyring, scope.instance, await findNewestEmail(then, scope, user));
  await disownChange(then, asStranger(scope), { token: link.split("/").at(-1) ?? "" });
  await deliverEmails(then, delivery, "emails");
}

/** The server that took the mail reports that there is no such mailbox. */
export async function bounceNewest(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<void> {
  const { instance } = scope;
  const { id: emailId } = await findNewestEmail(then, scope, user);
  const server = `mx.${user.email.split("@")[1] ?? ""}`;
  const answer = `550 5.1.1 <${user.email}>: Recipient address rejected: User unknown`;
  await recordReport(then, delivery.kinds, { instance, emailId, report: { outcome: "failed", server, answer } });
}

/** It is part of the story. */
export function ignoreRefusal(error: unknown): void {
  if (!(error instanceof RekeyError)) throw error;
}
