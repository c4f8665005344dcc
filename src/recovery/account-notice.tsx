import type { Instance } from "#instances/instance.ts";
import type { WrittenMail } from "#mail-delivery/email.ts";
import { MailFact, MailLayout, MailText, NotMe } from "#ui/mail-layout.tsx";
import { renderHtml } from "#ui/render-html.ts";
import { readerOf } from "#users/reader.ts";
import type { User } from "#users/user.ts";
import { MAIL_WORDS } from "./mail-words.ts";

interface AccountNotice {
  readonly instance: Instance;
  readonly user: User;
  readonly subject: string;
  readonly heading: string;
  /** What happened, in a sentence or two. */
  readonly what: string;
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  /** Where the person says that it was not them. */
  readonly notMe: string;
}

/** A mail that tells a person what happened to their account, so that what was not them is noticed at once. */
export function accountNotice(notice: AccountNotice): WrittenMail {
  const { instance, user, subject, heading, what, facts = [], notMe } = notice;
  const { language } = readerOf(user, instance);
  const words = MAIL_WORDS[language];
  const hello = words.hello(user.firstName);
  const href = `${instance.origin}/sign-in`;
  const lines = facts.map(({ label, value }) => `${label}: ${value}`).join("\n");
  return {
    subject,
    text: [
      hello,
      what,
      ...(lines ? [lines] : []),
      `${words.signIn}:\n${href}`,
      `${words.ifNotYou}\n${words.notMe}:\n${notMe}`,
    ].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={heading}
        preview={what}
        button={{ label: words.signIn, href }}
        afterButton={<NotMe ifNot={words.ifNotYou} label={words.notMe} href={notMe} />}
      >
        <MailText>{hello}</MailText>
        <MailText>{what}</MailText>
        {facts.map((fact) => (
          <MailFact {...fact} />
        ))}
      </MailLayout>,
    ),
  };
}
