import { randomUUID } from "node:crypto";

import type { Instance } from "#instances/instance.ts";
import { asSystem, OPERATOR, type Scope, STRANGER } from "#instances/scope.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { type Delivery, deliverEmails } from "#mail-delivery/deliver-emails.ts";
import type { Email } from "#mail-delivery/email.ts";
import { recordReport } from "#mail-delivery/record-report.ts";
import { newOpaqueId } from "#platform/crypto/id.ts";
import type { Deps } from "#platform/deps.ts";
import { copyResetLink } from "#recovery/copy-reset-link.ts";
import { disownChange } from "#recovery/disown-change.ts";
import { listRecoveries } from "#recovery/recovery.ts";
import { notMeLinkOf } from "#recovery/not-me-link.ts";
import { openResetLink } from "#recovery/open-reset-link.ts";
import { redeemResetLink } from "#recovery/redeem-reset-link.ts";
import { requireNewPassword } from "#recovery/require-new-password.ts";
import { linkOf } from "#recovery/reset-link.ts";
import { revokeRecovery } from "#recovery/revoke-recovery.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { setTemporaryPassword } from "#recovery/set-temporary-password.ts";
import { signIn } from "#sign-in/sign-in.ts";
import { deactivateUser } from "#user-management/deactivate-user.ts";
import type { User } from "#users/user.ts";
import { askForHelp } from "./ask-for-help.ts";
import type { Story } from "./person.ts";
import { at, type Life } from "./side-by-side.ts";

/** Everybody in the demo signs in with this. */
export const DEMO_PASSWORD = "maple river morning train";
const NEW_PASSWORD = "copper window garden violin";

/** What people there work with. */
const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
] as const;

/** Somebody, and what happens to them. */
interface Lived {
  readonly user: User;
  readonly story: Story;
}

/** Before their story began they worked like everybody else; then what it tells happens to them, at the times that it tells of. */
export async function* live(delivery: Delivery, scope: Scope, of: Lived): Life {
  const { user, story } = of;
  const ago = (later = 0): number => (story.minutesAgo - later) * MINUTE_MS;
  if (!["signed_in", "invited"].includes(story.kind))
    await comeIn(yield ago() + 9 * DAY_MS, scope, user, DEMO_PASSWORD);
  switch (story.kind) {
    case "signed_in":
      if (user.role !== "no_access") await comeIn(yield ago(), scope, user, DEMO_PASSWORD);
      return;
    case "inactive":
      await deactivateUser(yield ago(), scope, { userId: user.id });
      return;
    case "link_refused":
    case "mail_waiting":
    case "invited":
    case "link_sent":
      return void (yield* mailLink(delivery, scope, of));
    case "mail_bounced":
      yield* mailLink(delivery, scope, of);
      return bounceNewest(yield ago(1), delivery, scope, user);
    case "link_opened": {
      const token = yield* mailLink(delivery, scope, of);
      await openResetLink(yield ago(2), asStranger(scope), { token, isAutomatic: false });
      return;
    }
    case "link_revoked":
      yield* mailLink(delivery, scope, of);
      return revokeNewest(yield ago(5), scope, user);
    case "link_copied":
      await copyResetLink(yield ago(), { ...scope, actor: OPERATOR }, { userId: user.id });
      return;
    case "refused_at_the_door":
      return yield* tryIn(scope, of, 3);
    case "locked":
      return yield* tryIn(scope, of, scope.instance.lockoutFailures);
    case "temporary_given":
    case "temporary_used":
    case "temporary_expired": {
      const password = await giveTemporaryPassword(yield ago(), delivery, scope, user);
      if (story.kind === "temporary_used") await comeIn(yield ago(3), scope, user, password);
      return;
    }
    case "new_password_required": {
      const then = yield ago();
      await requireNewPassword(then, scope, { userId: user.id, reason: "Security update" });
      await deliverEmails(then, delivery, "emails");
      return;
    }
    case "disowned":
      yield* setNewPassword(delivery, scope, of);
      return disownNewest(yield ago(30), delivery, scope, user);
    case "approval_waiting":
      await requireNewPassword(yield ago(), scope, { userId: user.id, reason: "Security update" }).catch(ignoreRefusal);
      return;
    case "password_set":
      return yield* setNewPassword(delivery, scope, of);
    case "back_in":
      yield* setNewPassword(delivery, scope, of);
      return comeIn(yield ago(4), scope, user, NEW_PASSWORD);
  }
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

async function giveTemporaryPassword(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<string> {
  const verification = { method: "call_back", note: "Called back on the extension in the staff list" } as const;
  const set = await setTemporaryPassword(then, scope, { userId: user.id, mode: "generated", verification });
  await deliverEmails(then, delivery, "emails");
  return set.password ?? "";
}

async function revokeNewest(then: Deps, scope: Scope, user: User): Promise<void> {
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
async function disownNewest(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<void> {
  const link = notMeLinkOf(then.keyring, scope.instance, await findNewestEmail(then, scope, user));
  await disownChange(then, asStranger(scope), { token: link.split("/").at(-1) ?? "" });
  await deliverEmails(then, delivery, "emails");
}

/** The server that took the mail reports that there is no such mailbox. */
async function bounceNewest(then: Deps, delivery: Delivery, scope: Scope, user: User): Promise<void> {
  const { instance } = scope;
  const { id: emailId } = await findNewestEmail(then, scope, user);
  const server = `mx.${user.email.split("@")[1] ?? ""}`;
  const answer = `550 5.1.1 <${user.email}>: Recipient address rejected: User unknown`;
  await recordReport(then, delivery.kinds, { instance, emailId, report: { outcome: "failed", server, answer } });
}

/** So often, a second after the other, with a password that is not theirs. */
async function* tryIn(scope: Scope, { user, story }: Lived, times: number): Life {
  for (let time = 0; time < times; time += 1) {
    const then = yield story.minutesAgo * MINUTE_MS - time * SECOND_MS;
    await comeIn(then, scope, user, "the one from last year").catch(ignoreRefusal);
  }
}

/** It is part of the story. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof RekeyError)) throw error;
}

async function* setNewPassword(delivery: Delivery, scope: Scope, of: Lived): Life {
  const ago = (later: number): number => (of.story.minutesAgo - later) * MINUTE_MS;
  const token = yield* mailLink(delivery, scope, of);
  await openResetLink(yield ago(2), asStranger(scope), { token, isAutomatic: false });
  const then = yield ago(3);
  await redeemResetLink(then, asStranger(scope), { token, password: NEW_PASSWORD });
  await deliverEmails(then, delivery, "emails");
}

/** Asked for in a ticket some minutes before; the mail is handed over two seconds after the click. @returns the token of its link. */
async function* mailLink(delivery: Delivery, scope: Scope, { user, story }: Lived): Life<string> {
  const agoMs = story.minutesAgo * MINUTE_MS;
  const ticketId = await askForHelp(yield agoMs + 7 * MINUTE_MS, scope, user);
  const recovery = await sendResetLink(yield agoMs, scope, { userId: user.id, ticketId });
  const then = yield agoMs - 2 * SECOND_MS;
  await deliverEmails(then, delivery, "emails");
  return linkOf(then.keyring, scope.instance, recovery).split("/").at(-1) ?? "";
}

async function comeIn(then: Deps, scope: Scope, user: Pick<User, "username">, password: string): Promise<void> {
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

function asStranger(scope: Scope): Scope {
  return { ...scope, actor: STRANGER };
}
