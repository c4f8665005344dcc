import type { Instance } from "#instances/instance.ts";
import { SYSTEM } from "#instances/scope.ts";
import type { Language } from "#lib/language.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import { MAIL_WORDS } from "#recovery/mail-words.ts";
import { notMeLinkOf } from "#recovery/not-me-link.ts";
import { MailFact, MailLayout, MailText, NotMe } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { readerOf } from "#users/reader.ts";
import { getUser, type User } from "#users/user.ts";

/** The mails about somebody's account that lead to no password. */
export function userMails(keyring: Keyring): MailKinds {
  return {
    address_changed: {
      write: async (tx, { instance, email }) => {
        const user = await getUser(tx, { instance, actor: SYSTEM, request: undefined }, email.user_id);
        return addressChangedMail({ instance, user, email, notMe: notMeLinkOf(keyring, instance, email) });
      },
    },
  };
}

/** What the mail says, in one language. */
interface AddressWords {
  readonly subject: (instance: string) => string;
  readonly heading: string;
  readonly what: (of: { by: string; username: string; instance: string; when: string }) => string;
  readonly oldAddress: string;
  readonly newAddress: string;
}

const WORDS: Readonly<Record<Language, AddressWords>> = {
  en: {
    subject: (instance) => `The address of your account at ${instance} was changed`,
    heading: "Your address was changed",
    what: ({ by, username, instance, when }) =>
      `${by} changed the address of your account ${username} at ${instance} on ${when}. Mails go to the new address from now on, and links that were sent to the old one no longer work.`,
    oldAddress: "Old address",
    newAddress: "New address",
  },
  es: {
    subject: (instance) => `Se ha cambiado la dirección de su cuenta en ${instance}`,
    heading: "Se ha cambiado su dirección",
    what: ({ by, username, instance, when }) =>
      `${by} cambió la dirección de su cuenta ${username} en ${instance} el ${when}. Desde ahora los mensajes van a la dirección nueva, y los enlaces enviados a la anterior ya no valen.`,
    oldAddress: "Dirección anterior",
    newAddress: "Dirección nueva",
  },
};

/** Goes to the old address and to the new one, so that a change that nobody asked for is noticed. */
function addressChangedMail(of: { instance: Instance; user: User; email: Email; notMe: string }): WrittenMail {
  const { instance, user, notMe } = of;
  const { data } = of.email;
  const { language, zone } = readerOf(user, instance);
  const [common, words] = [MAIL_WORDS[language], WORDS[language]];
  const when = exactWords(new Date(String(data.at)), zone, language);
  const [from, to] = [String(data.from), String(data.to)];
  const what = words.what({ by: String(data.by_name), username: user.username, instance: instance.name, when });
  const hello = common.hello(user.firstName);
  const href = `${instance.origin}/sign-in`;
  return {
    subject: words.subject(instance.name),
    text: [
      hello,
      what,
      `${words.oldAddress}: ${from}\n${words.newAddress}: ${to}`,
      `${common.signIn}:\n${href}`,
      `${common.ifNotYou}\n${common.notMe}:\n${notMe}`,
    ].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.heading}
        preview={what}
        button={{ label: common.signIn, href }}
        afterButton={<NotMe ifNot={common.ifNotYou} label={common.notMe} href={notMe} />}
      >
        <MailText>{hello}</MailText>
        <MailText>{what}</MailText>
        <MailFact label={words.oldAddress} value={from} />
        <MailFact label={words.newAddress} value={to} />
      </MailLayout>,
    ),
  };
}
