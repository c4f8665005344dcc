import { findCredential } from "#credentials/credential.ts";
import type { Instance } from "#instances/instance.ts";
import { after, earlier } from "#lib/clock.ts";
import type { Attempt, Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import type { DeliveryReport } from "#platform/mail/delivery-report.ts";
import type { Handover } from "#platform/mail/mail-transport.ts";
import { MailFact, MailLayout, MailText, NotMe } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { getUser, type User } from "#users/user.ts";
import { SYSTEM, type Scope } from "#instances/scope.ts";
import { renewLife } from "./issue-reset-link.ts";
import { getRecovery, type Recovery } from "./recovery.ts";
import { notMeLinkOf } from "./not-me-link.ts";
import { linkOf } from "./reset-link.ts";
import { recordEvent } from "./timeline.ts";

/** The mails that this feature queues: how each is written, and how a recovery follows what becomes of its own. */
export function recoveryMails(keyring: Keyring): MailKinds {
  return {
    reset_link: {
      isWanted: async (tx, { instance, email, at }) => {
        const recovery = await getRecovery(tx, asSystem(instance), String(email.recovery_id));
        return recovery.storedState === "open" && at < recovery.capAt;
      },
      write: (tx, attempt) => writeResetLink(keyring, tx, attempt),
      settled: followHandover,
      reported: followReport,
    },
    password_changed: {
      write: async (tx, { instance, email }) => {
        const user = await getUser(tx, asSystem(instance), email.user_id);
        return passwordChangedMail({ instance, user, email, notMe: notMeLinkOf(keyring, instance, email) });
      },
    },
    change_disowned: {
      write: async (tx, { instance, email }) => {
        const administrator = await getUser(tx, asSystem(instance), email.user_id);
        return changeDisownedMail(instance, administrator, email);
      },
    },
  };
}

/** The link is derived at this moment and exists nowhere but in the mail. */
async function writeResetLink(keyring: Keyring, tx: Tx, { instance, email, at }: Attempt): Promise<WrittenMail> {
  const scope = asSystem(instance);
  const recovery = await getRecovery(tx, scope, String(email.recovery_id));
  const user = await getUser(tx, scope, email.user_id);
  const endsAt = earlier(after(at, recovery.lifetimeMs), recovery.capAt);
  const mustReset = (await findCredential(tx, scope, user.id))?.kind === "refused";
  return resetLinkMail({
    instance,
    user,
    recovery,
    link: linkOf(keyring, instance, recovery),
    endsAt,
    email,
    mustReset,
  });
}

/** Acceptance starts the link's life, or renews it; it never shortens what an earlier mail promised. */
async function followHandover(tx: Tx, { instance, email, at }: Attempt, handover: Handover): Promise<void> {
  const recovery = await getRecovery(tx, asSystem(instance), String(email.recovery_id));
  const detail = { server: handover.server, answer: handover.answer };
  const event = EVENTS[handover.outcome];
  await recordEvent(tx, { instance }, recovery.id, { event, at, detail });
  if (handover.outcome === "accepted") await renewLife(tx, { instance }, recovery, at);
}

/** A report comes after acceptance: the link lives on, but nobody has it unless an earlier mail arrived. */
async function followReport(tx: Tx, { instance, email, at }: Attempt, report: DeliveryReport): Promise<void> {
  const event = report.outcome === "failed" ? "bounced" : "deferred";
  const detail = { server: report.server, answer: report.answer };
  await recordEvent(tx, { instance }, String(email.recovery_id), { event, at, detail });
}

const EVENTS = { accepted: "accepted", deferred: "deferred", unreachable: "deferred", refused: "failed" } as const;

function asSystem(instance: Instance): Scope {
  return { instance, actor: SYSTEM, request: undefined };
}

interface ResetLink {
  readonly instance: Instance;
  readonly user: User;
  readonly recovery: Recovery;
  readonly link: string;
  readonly endsAt: Date;
  readonly email: Email;
  /** The old password is refused already, so this mail is not one to ignore. */
  readonly mustReset: boolean;
}

/** Says who asked, when the link ends with its zone, the user name for whoever forgot that too, and what to do if it was not them. */
function resetLinkMail(of: ResetLink): WrittenMail {
  const { instance, user, recovery, link, endsAt, email } = of;
  const isInvitation = recovery.origin === "invitation";
  const zone = user.timeZone ?? instance.timeZone;
  const heading = isInvitation ? `Welcome to ${instance.name}` : "Set a new password";
  const asked = whyText(instance, email, isInvitation, exactWords(email.queued_at, zone));
  const why = of.mustReset
    ? `${asked} Your old password no longer works and you are signed out everywhere; set a new one to get in again.`
    : asked;
  const ends = `The link works until ${exactWords(endsAt, zone)}, and once.`;
  const ifNot = ifNotWords(isInvitation, of.mustReset);
  const safety = `${instance.name} will never ask you for your password, by mail or by telephone.`;
  const action = isInvitation ? "Set your password" : "Set a new password";
  return {
    subject: isInvitation ? `Your account at ${instance.name}` : `Set a new password for ${instance.name}`,
    text: [
      `Hello ${user.firstName},`,
      why,
      `${action}:\n${link}`,
      `Your user name: ${user.username}`,
      ends,
      ifNot,
      safety,
    ].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        heading={heading}
        preview={`${why} ${ends}`}
        button={{ label: action, href: link }}
        afterButton={<MailText>{ends}</MailText>}
        smallPrint={`${ifNot} ${safety}`}
      >
        <MailText>Hello {user.firstName},</MailText>
        <MailText>{why}</MailText>
        <MailFact label="Your user name" value={user.username} />
      </MailLayout>,
    ),
  };
}

function ifNotWords(isInvitation: boolean, mustReset: boolean): string {
  if (isInvitation) return "If you do not know what this is, you can ignore this mail.";
  if (mustReset) return "If you did not expect this, ask your administrator why a new password is required.";
  return "If you did not expect this, you can ignore this mail: your password stays as it is.";
}

function whyText(instance: Instance, email: Email, isInvitation: boolean, when: string): string {
  const by = String(email.data.requested_by);
  if (isInvitation) return `An account at ${instance.name} was made for you. Set a password and you are in.`;
  if (email.data.actor_type === "user" || email.data.actor_type === "api_key")
    return `${by} of ${instance.name} asked on ${when} that you be sent this link.`;
  if (email.data.actor_type === "operator")
    return `The operator of ${instance.name} asked on ${when} that you be sent this link.`;
  return `Somebody asked on ${when} on the sign-in page of ${instance.name} for a link to set a new password for your account.`;
}

/** Tells the person of every change of their password, so that one they did not make is noticed at once. */
function passwordChangedMail(of: { instance: Instance; user: User; email: Email; notMe: string }): WrittenMail {
  const { instance, user, email, notMe } = of;
  const when = exactWords(new Date(String(email.data.at)), user.timeZone ?? instance.timeZone);
  const what = `The password of your account ${user.username} at ${instance.name} was changed on ${when}${byWords(email)}`;
  const ifNot =
    "If this was not you, say so at once: it ends all sessions, refuses the password and tells your administrators.";
  const href = `${instance.origin}/sign-in`;
  return {
    subject: `Your password for ${instance.name} was changed`,
    text: [`Hello ${user.firstName},`, what, `Sign in:\n${href}`, `${ifNot}\nThis was not me:\n${notMe}`].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        heading="Your password was changed"
        preview={what}
        button={{ label: "Sign in", href }}
        afterButton={<NotMe ifNot={ifNot} href={notMe} />}
      >
        <MailText>Hello {user.firstName},</MailText>
        <MailText>{what}</MailText>
      </MailLayout>,
    ),
  };
}

/** Tells who administers that somebody disowns what was done to their account. */
function changeDisownedMail(instance: Instance, administrator: User, { data }: Email): WrittenMail {
  const when = exactWords(new Date(String(data.at)), administrator.timeZone ?? instance.timeZone);
  const name = String(data.user_name);
  const what = `${name} says that a change of their account at ${instance.name} was not theirs (${when}). All their sessions were ended, the password is refused, and every link to them is dead.`;
  const then = "Look into the record of the account, and make sure of who is asking before you let anybody in again.";
  const href = `${instance.origin}/settings/users/${String(data.user_id)}`;
  return {
    subject: `“This was not me”: ${name}`,
    text: [`Hello ${administrator.firstName},`, what, then, `The account:\n${href}`].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        heading="Somebody disowns a change"
        preview={what}
        button={{ label: "Look at the account", href }}
        smallPrint={then}
      >
        <MailText>Hello {administrator.firstName},</MailText>
        <MailText>{what}</MailText>
      </MailLayout>,
    ),
  };
}

/** Who did it and what it means for the person. */
function byWords({ data }: Email): string {
  if (data.by === "temporary_password")
    return ` by ${String(data.by_name)}, who hands you a temporary one. All your sessions were ended; after signing in with it you choose a password of your own.`;
  if (data.by === "own_change") return " in your account. All your other sessions were ended.";
  return " with the link that was mailed to you. All sessions were ended; sign in again with the new password.";
}
