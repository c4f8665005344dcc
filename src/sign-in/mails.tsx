import type { Instance } from "#instances/instance.ts";
import type { Language } from "#lib/language.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import { accountNotice } from "#recovery/account-notice.tsx";
import { notMeLinkOf } from "#recovery/not-me-link.ts";
import { exactWords } from "#ui/relative-time.ts";
import { browserWords } from "#ui/user-agent.ts";
import { getRecipients, readerOf } from "#users/reader.ts";
import type { User } from "#users/user.ts";

/** The mail that tells of a sign-in from a browser that is not known to the account. */
export function signInMails(keyring: Keyring): MailKinds {
  return {
    new_browser: {
      prepare: async (tx, instance, emails) => {
        const userOf = await getRecipients(tx, instance, emails);
        return (email) => ({
          write: () =>
            newBrowserMail({ instance, user: userOf(email), email, notMe: notMeLinkOf(keyring, instance, email) }),
        });
      },
    },
  };
}

function newBrowserMail(of: { instance: Instance; user: User; email: Email; notMe: string }): WrittenMail {
  const { instance, user, email, notMe } = of;
  const { language, zone } = readerOf(user, instance);
  const { subject, heading, what, browser, address } = WORDS[language];
  const { at, user_agent: userAgent, source_address: source } = email.data;
  const when = exactWords(new Date(String(at)), zone, language);
  return accountNotice({
    instance,
    user,
    subject: subject(instance.name),
    heading,
    what: what({ username: user.username, instance: instance.name, when }),
    facts: [
      { label: browser, value: browserWords(typeof userAgent === "string" ? userAgent : null) },
      { label: address, value: String(source) },
    ],
    notMe,
  });
}

/** What the mail says, in one language. */
interface NewBrowserWords {
  readonly subject: (instance: string) => string;
  readonly heading: string;
  readonly what: (of: { username: string; instance: string; when: string }) => string;
  readonly browser: string;
  readonly address: string;
}

const WORDS: Readonly<Record<Language, NewBrowserWords>> = {
  en: {
    subject: (instance) => `A sign-in to ${instance} from a new browser`,
    heading: "A sign-in from a new browser",
    what: ({ username, instance, when }) =>
      `Somebody signed in to your account ${username} at ${instance} on ${when}, from a browser that was not used for it since the password was set. If it was you, there is nothing to do.`,
    browser: "Browser",
    address: "Internet address",
  },
  es: {
    subject: (instance) => `Inicio de sesión en ${instance} desde un navegador nuevo`,
    heading: "Inicio de sesión desde un navegador nuevo",
    what: ({ username, instance, when }) =>
      `Alguien inició sesión en su cuenta ${username} de ${instance} el ${when}, desde un navegador que no se había usado con ella desde que se puso la contraseña. Si fue usted, no hay nada que hacer.`,
    browser: "Navegador",
    address: "Dirección de Internet",
  },
};
