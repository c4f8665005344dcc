import { findCredentialKinds } from "#credentials/credential.ts";
import type { Instance } from "#instances/instance.ts";
import { asSystem } from "#instances/scope.ts";
import { after, earlier } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Draft, Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import { MailFact, MailLayout, MailText } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { getRecipients, readerOf } from "#users/reader.ts";
import type { User } from "#users/user.ts";
import { accountNotice } from "./account-notice.tsx";
import { followHandover, followReport } from "./follow-mail.ts";
import { findRecoveries, type Recovery } from "./recovery.ts";
import { type AskedWords, MAIL_WORDS, type MailWords } from "./mail-words.ts";
import { notMeLinkOf } from "./not-me-link.ts";
import { linkOf } from "./reset-link.ts";

/** The mails that this feature queues: how each is written, and how a recovery follows what becomes of its own. */
export function recoveryMails(keyring: Keyring): MailKinds {
  return {
    reset_link: {
      prepare: (tx, instance, emails) => prepareResetLinks(keyring, tx, instance, emails),
      follow: followHandover,
      reported: followReport,
    },
    password_changed: {
      prepare: async (tx, instance, emails) => {
        const userOf = await getRecipients(tx, instance, emails);
        return (email) => ({
          write: () =>
            passwordChangedMail({
              instance,
              user: userOf(email),
              email,
              notMe: notMeLinkOf(keyring, instance, email),
            }),
        });
      },
    },
    change_disowned: {
      prepare: async (tx, instance, emails) => {
        const userOf = await getRecipients(tx, instance, emails);
        return (email) => ({ write: () => changeDisownedMail(instance, userOf(email), email) });
      },
    },
  };
}

/** The link is derived at the moment of writing and exists nowhere but in the mail. */
async function prepareResetLinks(
  keyring: Keyring,
  tx: Tx,
  instance: Instance,
  emails: readonly Email[],
): Promise<(email: Email) => Draft> {
  const scope = asSystem(instance);
  const recoveryIds = emails.map(({ recovery_id: id }) => String(id));
  const userIds = emails.flatMap(({ user_id: id }) => id ?? []);
  const [recoveries, userOf, credentials] = await Promise.all([
    findRecoveries(tx, scope, recoveryIds),
    getRecipients(tx, instance, emails),
    findCredentialKinds(tx, scope, userIds),
  ]);
  return (email) => {
    const recovery = recoveries.get(String(email.recovery_id));
    if (!recovery) throw new RekeyError("not_found");
    return {
      isWanted: (at) => recovery.storedState === "open" && at < recovery.capAt,
      write: (at) =>
        resetLinkMail({
          instance,
          user: userOf(email),
          recovery,
          link: linkOf(keyring, instance, recovery),
          endsAt: earlier(after(at, recovery.lifetimeMs), recovery.capAt),
          email,
          mustReset: credentials.get(email.user_id ?? "") === "refused",
        }),
    };
  };
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
  const { instance, user, recovery, link, endsAt, email, mustReset } = of;
  const { language, zone } = readerOf(user, instance);
  const words = MAIL_WORDS[language];
  const isInvitation = recovery.origin === "invitation";
  const when = exactWords(email.queued_at, zone, language);
  const asked = askedWords(isInvitation ? words.invitation : words.link, instance, email, when);
  const reason = isInvitation ? words.invitation.why({ instance: instance.name, asked }) : asked;
  const why = mustReset ? `${reason} ${words.link.mustReset}` : reason;
  const ends = words.ends(exactWords(endsAt, zone, language));
  const ifNot = isInvitation ? words.invitation.ifNot : words.link[mustReset ? "ifNotAndMustReset" : "ifNot"];
  const safety = words.neverAsked(instance.name);
  const { action } = isInvitation ? words.invitation : words.link;
  const hello = words.hello(user.firstName);
  return {
    subject: resetLinkSubject(instance, user, recovery),
    text: [hello, why, `${action}:\n${link}`, `${words.userName}: ${user.username}`, ends, ifNot, safety].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={isInvitation ? words.invitation.heading(instance.name) : words.link.heading}
        preview={`${why} ${ends}`}
        button={{ label: action, href: link }}
        afterButton={<MailText>{ends}</MailText>}
        smallPrint={`${ifNot} ${safety}`}
      >
        <MailText>{hello}</MailText>
        <MailText>{why}</MailText>
        <MailFact label={words.userName} value={user.username} />
      </MailLayout>,
    ),
  };
}

/** @returns what the mail with the link is called, for the mail and for who is told to look for it. */
export function resetLinkSubject(instance: Instance, user: User, { origin }: Recovery): string {
  const words = MAIL_WORDS[readerOf(user, instance).language];
  return origin === "invitation" ? words.invitation.subject(instance.name) : words.link.subject(instance.name);
}

function askedWords(words: AskedWords, { name: instance }: Instance, { data }: Email, when: string): string {
  if (data.actor_type === "user" || data.actor_type === "api_key")
    return words.askedBy({ by: String(data.requested_by), instance, when });
  return data.actor_type === "operator"
    ? words.askedByOperator({ instance, when })
    : words.askedBySomebody({ instance, when });
}

/** Tells the person of every change of their password, so that one they did not make is noticed at once. */
function passwordChangedMail(of: { instance: Instance; user: User; email: Email; notMe: string }): WrittenMail {
  const { instance, user, email, notMe } = of;
  const { language, zone } = readerOf(user, instance);
  const words = MAIL_WORDS[language];
  const { subject, heading, what } = words.changed;
  const when = exactWords(new Date(String(email.data.at)), zone, language);
  const changed = what({ username: user.username, instance: instance.name, when });
  return accountNotice({
    instance,
    user,
    subject: subject(instance.name),
    heading,
    what: `${changed}${byWords(words, email)}`,
    notMe,
  });
}

/** Tells who administers that somebody disowns what was done to their account. */
function changeDisownedMail(instance: Instance, administrator: User, { data }: Email): WrittenMail {
  const { language, zone } = readerOf(administrator, instance);
  const words = MAIL_WORDS[language];
  const name = String(data.user_name);
  const when = exactWords(new Date(String(data.at)), zone, language);
  const what = words.disowned.what({ name, instance: instance.name, when });
  const hello = words.hello(administrator.firstName);
  const href = `${instance.origin}/settings/users/${String(data.user_id)}`;
  return {
    subject: words.disowned.subject(name),
    text: [hello, what, words.disowned.advice, `${words.disowned.account}:\n${href}`].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.disowned.heading}
        preview={what}
        button={{ label: words.disowned.action, href }}
        smallPrint={words.disowned.advice}
      >
        <MailText>{hello}</MailText>
        <MailText>{what}</MailText>
      </MailLayout>,
    ),
  };
}

/** Who did it and what it means for the person. */
function byWords({ changed }: MailWords, { data }: Email): string {
  if (data.by === "temporary_password") return changed.byAdministrator(String(data.by_name));
  if (data.by === "own_change") return changed.byOneself;
  return typeof data.copied_by === "string" ? changed.byCopiedLink(data.copied_by) : changed.byLink;
}
