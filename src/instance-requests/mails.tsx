import type { Instance } from "#instances/instance.ts";
import { type Language, languageFor } from "#lib/language.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Detail } from "#platform/database/column-types.ts";
import { MailLayout, MailText } from "#ui/mail-layout.tsx";
import { renderHtml } from "#ui/render-html.ts";
import { INSTANCE_LIST } from "./request-instances.ts";

/** The mail that lists where an address may sign in. */
export const instanceMails: MailKinds = {
  [INSTANCE_LIST]: {
    prepare: async (_tx, instance) => (email) => ({ write: () => instanceListMail(instance, email) }),
  },
};

function instanceListMail(instance: Instance, { data }: Email): WrittenMail {
  const [names, origins] = [listOf(data.names), listOf(data.origins)];
  const language = languageFor(null, instance.language);
  const words = WORDS[language];
  const asked = words.asked(instance.name);
  const addresses = origins.map((origin, index) => `${names[index] ?? ""}:\n${origin}/sign-in`);
  return {
    subject: words.subject,
    text: [asked, ...addresses, words.notYou].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.subject}
        preview={asked}
        smallPrint={words.notYou}
      >
        <MailText>{asked}</MailText>
        {origins.map((origin, index) => (
          <MailText>
            {names[index]}: <a href={`${origin}/sign-in`}>{origin}/sign-in</a>
          </MailText>
        ))}
      </MailLayout>,
    ),
  };
}

function listOf(value: Detail[string] | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}

interface ListWords {
  readonly subject: string;
  readonly asked: (instance: string) => string;
  readonly notYou: string;
}

const WORDS: Readonly<Record<Language, ListWords>> = {
  en: {
    subject: "Where you sign in",
    asked: (instance) => `Somebody asked at ${instance} where this address signs in. It has an account here:`,
    notYou: "If you did not ask, you need not do anything: nobody but you has seen this list.",
  },
  es: {
    subject: "Dónde inicia sesión",
    asked: (instance) => `Alguien preguntó en ${instance} dónde inicia sesión esta dirección. Tiene una cuenta aquí:`,
    notYou: "Si no fue usted, no hace falta que haga nada: nadie más ha visto esta lista.",
  },
};
