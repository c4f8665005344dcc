import type { Instance } from "#instances/instance.ts";
import { deferralWords, refusalWords } from "#mail-delivery/smtp-answer.ts";
import { exactWords } from "#ui/relative-time.ts";
import type { User } from "#users/user.ts";
import { minutesLeft } from "./access-chip.tsx";
import type { Cause, CauseCode } from "./cause.ts";

/** A cause as an administrator reads it. */
interface CauseWords {
  readonly title: string;
  /** What it means and what to do. */
  readonly detail: string;
}

/** Whose cause it is, and where and when that is told. */
interface Situation {
  readonly user: User;
  readonly here: Instance;
  readonly now: Date;
  readonly timeZone: string;
}

type Told = Cause & Situation;

/** @returns what the cause is called and what it means, in plain words. */
export function causeWords(cause: Cause, of: Situation): CauseWords {
  return WORDS[cause.code]({ ...cause, ...of });
}

const WORDS: Readonly<Record<CauseCode, (told: Told) => CauseWords>> = {
  inactive: () => ({ title: "This user is inactive", detail: "No link and no password lets them in." }),
  no_access: () => ({
    title: "The role No Access denies signing in",
    detail: "Give them another role first; what was sent before does not work any more.",
  }),
  frozen: ({ user }) => ({
    title: "Frozen: “This was not me”",
    detail: `${user.firstName} said so of a change of this account. Nothing lets anybody in, and no link or password can be made. Call back on a number that you know before you thaw it.`,
  }),
  locked: ({ until, now }) => ({
    title: `Locked after failed sign-ins${until ? `, ${minutesLeft(until, now)}` : ""}`,
    detail:
      "Until then a password lets them in only from a browser with which they signed in before. A reset link works: the new password ends the lockout.",
  }),
  never_accepted: ({ recovery }) => ({
    title: recovery ? "Has not accepted the invitation yet" : "Was never invited",
    detail: `There is no password to sign in with. Send Reset Link sends the invitation${recovery ? " again" : ""}.`,
  }),
  new_password_required: ({ recovery, user }) => ({
    title: "A new password is required",
    detail: recovery
      ? "The old one is refused. The link in the mail lets them set a new one."
      : `The old one is refused. A fresh link lets ${user.firstName} set a new one.`,
  }),
  temporary_password_expired: ({ user }) => ({
    title: "The temporary password has expired",
    detail: `It lets nobody in any more. Set another one, or send ${user.firstName} a link.`,
  }),
  must_change_password: ({ isUsed, until, timeZone, user }) => ({
    title: isUsed ? "Has to change the temporary password" : "The temporary password has not been used yet",
    detail: `${isUsed ? "Nothing else opens before that." : `${user.firstName}’s former password is refused.`} The temporary password works ${untilWords(until, timeZone)}.`,
  }),
  address_suppressed: ({ user, answer = "" }) => ({
    title: `No mail is sent to ${user.email}`,
    detail: `A mail there came back: ${refusalWords(answer).what} Ask for the address, letter by letter.`,
  }),
  address_held: ({ until, timeZone }) => ({
    title: "The address was changed within the last day",
    detail: `${capital(untilWords(until, timeZone))} a link is sent there only when a second administrator approves.`,
  }),
  mail_bounced: unreached,
  mail_refused: unreached,
  mail_not_accepted: ({ answer }) => ({
    title: "The mail server has not taken the mail yet",
    detail: `${answer === undefined ? "It has not answered yet." : deferralWords(answer).what} It is tried again by itself. For who cannot wait there is a temporary password.`,
  }),
  mail_on_its_way: () => ({ title: "The mail is on its way", detail: "It takes a minute or two to arrive." }),
  link_expired: ({ recovery }) => ({
    title: recovery?.origin === "invitation" ? "The invitation has expired" : "The link has expired",
    detail: "Nobody set a password with it. A fresh one is sent with one click.",
  }),
  link_unopened: (told) => ({
    title: "The link has not been opened",
    detail: `${whereSent(told)} It works ${untilWords(told.until, told.timeZone)}.`,
  }),
  link_opened_by_machine: (told) => ({
    title: "Only a machine has opened the link",
    detail: `Such as a mail scanner: ${told.user.firstName} has not. It works ${untilWords(told.until, told.timeZone)}.`,
  }),
  link_opened: ({ until, timeZone }) => ({
    title: "The link was opened, but no password was set",
    detail: `It works ${untilWords(until, timeZone)}, also a second time.`,
  }),
  password_unused: ({ user }) => ({
    title: "The new password has not been used yet",
    detail: `It was set, and nobody has signed in since. The user name is ${user.username}.`,
  }),
  wrong_password: ({ times = 1 }) => ({
    title: times === 1 ? "A wrong password" : `${times} wrong passwords`,
    detail: "The user name was right. Whoever does not remember the password sets a new one with a link.",
  }),
  wrong_instance: ({ user, here, elsewhere }) => ({
    title: `Tried at ${elsewhere?.name ?? "another instance"}`,
    detail: `There is no way in for ${user.firstName} there. This account is at ${here.name}: ${here.origin}/sign-in. A link in a mail leads here.`,
  }),
  wrong_user_name: ({ tried = "", user }) => ({
    title: `Tried as “${tried}”, which nobody has`,
    detail: `The user name is ${user.username}, the address ${user.email}; either will do. The mail with a link names it.`,
  }),
  signed_in: () => ({ title: "Nothing is in the way: signed in", detail: "Whatever failed before was overcome." }),
  not_tried_again: ({ user }) => ({
    title: "What was in the way is gone",
    detail: `${user.firstName} has not tried again since.`,
  }),
  no_recent_attempt: ({ user, since }) => ({
    title: "Nobody has tried to sign in lately",
    detail: `${since ? "Nothing is in the way." : "Nobody ever has."} Ask ${user.firstName} on which page: here the user name is ${user.username}.`,
  }),
};

function unreached({ recovery, user, answer = "" }: Told): CauseWords {
  return {
    title: `The mail did not reach ${recovery?.sentTo ?? user.email}`,
    detail: `${refusalWords(answer).what} Is the address spelled correctly? Ask for it, letter by letter.`,
  };
}

function whereSent({ recovery, user }: Told): string {
  if (recovery?.lastMail === null) return "It was copied, to be handed over.";
  return `It was mailed to ${recovery?.sentTo ?? user.email}; ask ${user.firstName} to look in spam as well.`;
}

function untilWords(until: Date | null, timeZone: string): string {
  return until ? `until ${exactWords(until, timeZone)}` : "for now";
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
