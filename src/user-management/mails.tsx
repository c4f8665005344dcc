import type { Instance } from "#instances/instance.ts";
import { SYSTEM } from "#instances/scope.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import { MailFact, MailLayout, MailText } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { getUser, type User } from "#users/user.ts";

/** The mails about somebody's account that lead to no password. */
export const userMails: MailKinds = {
  address_changed: {
    write: async (tx, { instance, email }) => {
      const scope = { instance, actor: SYSTEM, request: undefined };
      return addressChangedMail(instance, await getUser(tx, scope, email.user_id), email);
    },
  },
};

/** Goes to the old address and to the new one, so that a change that nobody asked for is noticed. */
function addressChangedMail(instance: Instance, user: User, { data }: Email): WrittenMail {
  const when = exactWords(new Date(String(data.at)), user.timeZone ?? instance.timeZone);
  const [from, to, by] = [data.from, data.to, data.by_name].map(String);
  const what = `${by} changed the address of your account ${user.username} at ${instance.name} on ${when}. Mails go to the new address from now on, and links that were sent to the old one no longer work.`;
  const ifNot = "If you did not ask for this, tell your administrator at once.";
  const href = `${instance.origin}/sign-in`;
  return {
    subject: `The address of your account at ${instance.name} was changed`,
    text: [
      `Hello ${user.firstName},`,
      what,
      `Old address: ${from}\nNew address: ${to}`,
      `Sign in:\n${href}`,
      ifNot,
    ].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        heading="Your address was changed"
        preview={what}
        button={{ label: "Sign in", href }}
        smallPrint={ifNot}
      >
        <MailText>Hello {user.firstName},</MailText>
        <MailText>{what}</MailText>
        <MailFact label="Old address" value={from ?? ""} />
        <MailFact label="New address" value={to ?? ""} />
      </MailLayout>,
    ),
  };
}
