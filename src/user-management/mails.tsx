import type { Instance } from "#instances/instance.ts";
import { SYSTEM } from "#instances/scope.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import { notMeLinkOf } from "#recovery/not-me-link.ts";
import { MailFact, MailLayout, MailText, NotMe } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
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

/** Goes to the old address and to the new one, so that a change that nobody asked for is noticed. */
function addressChangedMail(of: { instance: Instance; user: User; email: Email; notMe: string }): WrittenMail {
  const { instance, user, notMe } = of;
  const { data } = of.email;
  const when = exactWords(new Date(String(data.at)), user.timeZone ?? instance.timeZone);
  const [from, to, by] = [data.from, data.to, data.by_name].map(String);
  const what = `${by} changed the address of your account ${user.username} at ${instance.name} on ${when}. Mails go to the new address from now on, and links that were sent to the old one no longer work.`;
  const ifNot =
    "If you did not ask for this, say so at once: it ends all sessions, refuses the password and tells your administrators.";
  const href = `${instance.origin}/sign-in`;
  return {
    subject: `The address of your account at ${instance.name} was changed`,
    text: [
      `Hello ${user.firstName},`,
      what,
      `Old address: ${from}\nNew address: ${to}`,
      `Sign in:\n${href}`,
      `${ifNot}\nThis was not me:\n${notMe}`,
    ].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        heading="Your address was changed"
        preview={what}
        button={{ label: "Sign in", href }}
        afterButton={<NotMe ifNot={ifNot} href={notMe} />}
      >
        <MailText>Hello {user.firstName},</MailText>
        <MailText>{what}</MailText>
        <MailFact label="Old address" value={from ?? ""} />
        <MailFact label="New address" value={to ?? ""} />
      </MailLayout>,
    ),
  };
}
