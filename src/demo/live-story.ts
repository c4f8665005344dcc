import { type Scope, OPERATOR } from "#instances/scope.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "#lib/clock.ts";
import { type Delivery, deliverEmails } from "#mail-delivery/deliver-emails.ts";
import { copyResetLink } from "#recovery/copy-reset-link.ts";
import { openResetLink } from "#recovery/open-reset-link.ts";
import { redeemResetLink } from "#recovery/redeem-reset-link.ts";
import { requireNewPassword } from "#recovery/require-new-password.ts";
import { linkOf } from "#recovery/reset-link.ts";
import { sendResetLink } from "#recovery/send-reset-link.ts";
import { deactivateUser } from "#user-management/deactivate-user.ts";
import type { User } from "#users/user.ts";
import {
  asStranger,
  bounceNewest,
  comeIn,
  DEMO_PASSWORD,
  disownNewest,
  giveTemporaryPassword,
  ignoreRefusal,
  revokeNewest,
} from "./acts.ts";
import { askForHelp } from "./ask-for-help.ts";
import type { Story } from "./person.ts";
import type { Life } from "./side-by-side.ts";

const NEW_PASSWORD = "copper window garden violin";

/** Somebody, who administers where they are, and how long ago their story began. */
interface Lived {
  readonly user: User;
  readonly scope: Scope;
  readonly delivery: Delivery;
  readonly minutesAgo: number;
}

/** What each kind of story tells. */
const STORIES: Readonly<Record<Story["kind"], (of: Lived) => Life>> = {
  async *signed_in(of) {
    if (of.user.role !== "no_access") await comeIn(yield minutesAfter(of, 0), of.scope, of.user, DEMO_PASSWORD);
  },
  async *inactive(of) {
    await deactivateUser(yield minutesAfter(of, 0), of.scope, { userId: of.user.id });
  },
  link_refused: mailAndWait,
  mail_waiting: mailAndWait,
  invited: mailAndWait,
  link_sent: mailAndWait,
  async *mail_bounced(of) {
    yield* mailLink(of);
    await bounceNewest(yield minutesAfter(of, 1), of.delivery, of.scope, of.user);
  },
  async *link_opened(of) {
    const token = yield* mailLink(of);
    await openResetLink(yield minutesAfter(of, 2), asStranger(of.scope), { token, isAutomatic: false });
  },
  async *link_revoked(of) {
    yield* mailLink(of);
    await revokeNewest(yield minutesAfter(of, 5), of.scope, of.user);
  },
  async *link_copied(of) {
    await copyResetLink(yield minutesAfter(of, 0), { ...of.scope, actor: OPERATOR }, { userId: of.user.id });
  },
  refused_at_the_door: (of) => tryIn(of, 3),
  locked: (of) => tryIn(of, of.scope.instance.lockoutFailures),
  temporary_given: handOver,
  temporary_expired: handOver,
  async *temporary_used(of) {
    const password = await giveTemporaryPassword(yield minutesAfter(of, 0), of.delivery, of.scope, of.user);
    await comeIn(yield minutesAfter(of, 3), of.scope, of.user, password);
  },
  async *new_password_required(of) {
    const then = yield minutesAfter(of, 0);
    await requireNewPassword(then, of.scope, { userId: of.user.id, reason: "Security update" });
    await deliverEmails(then, of.delivery, "emails");
  },
  async *disowned(of) {
    yield* setNewPassword(of);
    await disownNewest(yield minutesAfter(of, 30), of.delivery, of.scope, of.user);
  },
  async *approval_waiting(of) {
    const asked = requireNewPassword(yield minutesAfter(of, 0), of.scope, {
      userId: of.user.id,
      reason: "Security update",
    });
    await asked.catch(ignoreRefusal);
  },
  password_set: setNewPassword,
  async *back_in(of) {
    yield* setNewPassword(of);
    await comeIn(yield minutesAfter(of, 4), of.scope, of.user, NEW_PASSWORD);
  },
};

/** Before their story began they worked like everybody else; then what it tells happens to them, at the times that it tells of. */
export async function* live(delivery: Delivery, scope: Scope, { user, story }: { user: User; story: Story }): Life {
  const of = { user, scope, delivery, minutesAgo: story.minutesAgo };
  if (!["signed_in", "invited"].includes(story.kind))
    await comeIn(yield minutesAfter(of, 0) + 9 * DAY_MS, scope, user, DEMO_PASSWORD);
  yield* STORIES[story.kind](of);
}

/** @returns how long ago it was so many minutes after their story began. */
function minutesAfter({ minutesAgo }: Lived, minutes: number): number {
  return (minutesAgo - minutes) * MINUTE_MS;
}

async function* mailAndWait(of: Lived): Life {
  yield* mailLink(of);
}

async function* handOver(of: Lived): Life {
  await giveTemporaryPassword(yield minutesAfter(of, 0), of.delivery, of.scope, of.user);
}

/** So often, a second after the other, with a password that is not theirs. */
async function* tryIn(of: Lived, times: number): Life {
  for (let time = 0; time < times; time += 1) {
    const then = yield minutesAfter(of, 0) - time * SECOND_MS;
    await comeIn(then, of.scope, of.user, "the one from last year").catch(ignoreRefusal);
  }
}

async function* setNewPassword(of: Lived): Life {
  const token = yield* mailLink(of);
  await openResetLink(yield minutesAfter(of, 2), asStranger(of.scope), { token, isAutomatic: false });
  const then = yield minutesAfter(of, 3);
  await redeemResetLink(then, asStranger(of.scope), { token, password: NEW_PASSWORD });
  await deliverEmails(then, of.delivery, "emails");
}

/** Asked for in a ticket some minutes before; the mail is handed over two seconds after the click. @returns the token of its link. */
async function* mailLink(of: Lived): Life<string> {
  const ticketId = await askForHelp(yield minutesAfter(of, -7), of.scope, of.user);
  const recovery = await sendResetLink(yield minutesAfter(of, 0), of.scope, { userId: of.user.id, ticketId });
  const then = yield minutesAfter(of, 0) - 2 * SECOND_MS;
  await deliverEmails(then, of.delivery, "emails");
  return linkOf(then.keyring, of.scope.instance, recovery).split("/").at(-1) ?? "";
}
