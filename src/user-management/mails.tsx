import type { Instance } from "#instances/instance.ts";
import { asSystem } from "#instances/scope.ts";
import { findWaitingApprovals } from "#approvals/approval.ts";
import type { Language } from "#lib/language.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import { accountNotice } from "#recovery/account-notice.tsx";
import { notMeLinkOf } from "#recovery/not-me-link.ts";
import { exactWords } from "#ui/relative-time.ts";
import { getRecipients, readerOf } from "#users/reader.ts";
import type { User } from "#users/user.ts";
import { accessRequestedMail, approvalRequestedMail } from "./administrator-mails.tsx";

/** The mails about somebody's account that lead to no password. */
export function userMails(keyring: Keyring): MailKinds {
  return {
    address_changed: {
      prepare: async (tx, instance, emails) => {
        const userOf = await getRecipients(tx, instance, emails);
        return (email) => ({
          write: () =>
            addressChangedMail({ instance, user: userOf(email), email, notMe: notMeLinkOf(keyring, instance, email) }),
        });
      },
    },
    access_requested: {
      prepare: async (tx, instance, emails) => {
        const userOf = await getRecipients(tx, instance, emails);
        return (email) => ({ write: () => accessRequestedMail(instance, userOf(email), email) });
      },
    },
    approval_requested: {
      prepare: async (tx, instance, emails) => {
        const userOf = await getRecipients(tx, instance, emails);
        const ids = emails.map(({ data }) => String(data.approval_id));
        const waiting = await findWaitingApprovals(tx, asSystem(instance), ids);
        return (email) => ({
          isWanted: (at) => at < (waiting.get(String(email.data.approval_id)) ?? at),
          write: () => approvalRequestedMail(instance, userOf(email), email),
        });
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
  const { subject, heading, what, oldAddress, newAddress } = WORDS[language];
  const when = exactWords(new Date(String(data.at)), zone, language);
  return accountNotice({
    instance,
    user,
    subject: subject(instance.name),
    heading,
    what: what({ by: String(data.by_name), username: user.username, instance: instance.name, when }),
    facts: [
      { label: oldAddress, value: String(data.from) },
      { label: newAddress, value: String(data.to) },
    ],
    notMe,
  });
}
