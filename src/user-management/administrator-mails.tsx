import type { Instance } from "#instances/instance.ts";
import type { Language } from "#lib/language.ts";
import type { Email, WrittenMail } from "#mail-delivery/email.ts";
import { MAIL_WORDS } from "#recovery/mail-words.ts";
import { MailLayout, MailText } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { readerOf } from "#users/reader.ts";
import { isPermission, PERMISSIONS } from "#users/roles.ts";
import type { User } from "#users/user.ts";

interface Request {
  readonly by: string;
  readonly what: string;
  readonly instance: string;
  readonly when: string;
}

/** What a mail to somebody who administers says, in one language. */
interface RequestWords {
  readonly subject: (of: { by: string; what: string }) => string;
  readonly heading: string;
  readonly what: (of: Request) => string;
  readonly advice: string;
  readonly action: string;
}

/** Asks a second administrator to decide. */
export function approvalRequestedMail(instance: Instance, user: User, { data }: Email): WrittenMail {
  const asked = { by: String(data.by_name), what: String(data.user_name), at: String(data.at) };
  return requestMail({ instance, user, words: APPROVAL, asked, path: "/settings/approvals" });
}

/** Asks somebody who can give a permission for it. */
export function accessRequestedMail(instance: Instance, user: User, { data }: Email): WrittenMail {
  const permission = String(data.permission);
  const what = isPermission(permission) ? PERMISSIONS[permission] : permission;
  const asked = { by: String(data.by_name), what, at: String(data.at), note: String(data.note) };
  return requestMail({ instance, user, words: ACCESS, asked, path: `/settings/users/${String(data.by_id)}` });
}

function requestMail(of: {
  instance: Instance;
  user: User;
  words: Readonly<Record<Language, RequestWords>>;
  asked: { by: string; what: string; at: string; note?: string };
  path: string;
}): WrittenMail {
  const { instance, user, asked } = of;
  const { language, zone } = readerOf(user, instance);
  const words = of.words[language];
  const hello = MAIL_WORDS[language].hello(user.firstName);
  const when = exactWords(new Date(asked.at), zone, language);
  const what = words.what({ ...asked, instance: instance.name, when });
  const said = asked.note ? [`“${asked.note}”`] : [];
  const href = `${instance.origin}${of.path}`;
  return {
    subject: words.subject(asked),
    text: [hello, what, ...said, words.advice, `${words.action}:\n${href}`].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.heading}
        preview={what}
        button={{ label: words.action, href }}
        smallPrint={words.advice}
      >
        <MailText>{hello}</MailText>
        <MailText>{what}</MailText>
        {said.map((line) => (
          <MailText>{line}</MailText>
        ))}
      </MailLayout>,
    ),
  };
}

const APPROVAL: Readonly<Record<Language, RequestWords>> = {
  en: {
    subject: ({ what }) => `Your approval is asked for: ${what}`,
    heading: "A second administrator is needed",
    what: ({ by, what, instance, when }) =>
      `${by} asked on ${when} for something at ${instance} that concerns ${what} and that one administrator alone may not do.`,
    advice: "Ask them about it, in person or on a number that you know, before you approve. It waits for a day.",
    action: "Look at it and decide",
  },
  es: {
    subject: ({ what }) => `Se pide su aprobación: ${what}`,
    heading: "Hace falta otro administrador",
    what: ({ by, what, instance, when }) =>
      `${by} pidió el ${when} algo en ${instance} que afecta a ${what} y que un administrador no puede hacer solo.`,
    advice: "Pregúntele, en persona o en un número que usted conozca, antes de aprobarlo. Espera un día.",
    action: "Verlo y decidir",
  },
};

const ACCESS: Readonly<Record<Language, RequestWords>> = {
  en: {
    subject: ({ by }) => `${by} requests access`,
    heading: "Somebody requests access",
    what: ({ by, what, instance, when }) => `${by} asked on ${when} to be allowed this at ${instance}: ${what}.`,
    advice: "To allow it, give them a role that has it, under Edit on their profile. To refuse it, do nothing.",
    action: "Look at their profile",
  },
  es: {
    subject: ({ by }) => `${by} pide acceso`,
    heading: "Alguien pide acceso",
    what: ({ by, what, instance, when }) => `${by} pidió el ${when} que se le permita esto en ${instance}: ${what}.`,
    advice: "Para permitirlo, dele un papel que lo tenga, en Edit de su perfil. Para rechazarlo, no haga nada.",
    action: "Ver su perfil",
  },
};
