import { audited, recordAuditEvent } from "#audit/audit-event.ts";
import type { Instance } from "#instances/instance.ts";
import type { Scope } from "#instances/scope.ts";
import type { Language } from "#lib/language.ts";
import type { MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import { notify } from "#notifications/notification.ts";
import type { Tx } from "#platform/database/database.ts";
import type { EmailState } from "#platform/database/mail-tables.ts";
import type { Deps } from "#platform/deps.ts";
import { MAIL_WORDS } from "#recovery/mail-words.ts";
import { MailLayout, MailText } from "#ui/mail-layout.tsx";
import { renderHtml } from "#ui/render-html.ts";
import { requirePermission } from "#users/permissions.ts";
import { getRecipients, readerOf } from "#users/reader.ts";
import type { User } from "#users/user.ts";

/** What became of the newest test. */
export interface TestMail {
  readonly queuedAt: Date;
  readonly to: string;
  readonly state: EmailState;
  /** The mail server's own words, once it answered. */
  readonly answer: string | null;
}

/** The mail with which an administrator proves that mails of the instance arrive. */
export const settingsMails: MailKinds = {
  sender_test: {
    prepare: async (tx, instance, emails) => {
      const userOf = await getRecipients(tx, instance, emails);
      return (email) => ({ write: () => testMail(instance, userOf(email)) });
    },
  },
};

/** A real mail from the instance's sender is on its way to the acting administrator. @throws not_permitted */
export async function sendTestMail(deps: Deps, scope: Scope, input: { user: User }): Promise<void> {
  const { id, name } = scope.instance;
  const act = { action: "settings.test_sender", target: { type: "instance", id, name } } as const;
  await audited(deps, scope, act, async (tx) => {
    requirePermission(scope, "settings.edit");
    const at = deps.clock.now();
    const { user } = input;
    await queueEmail(tx, scope, at, { kind: "sender_test", userId: user.id, to: user.email });
    await recordAuditEvent(tx, scope, at, { ...act, detail: { to: user.email } });
    await notify(tx, scope, at, {
      kind: "info",
      title: "Test on its way",
      text: `Look into the mailbox of ${user.email}`,
    });
  });
  deps.wakeWorker();
}

/** @returns the newest test of the instance, or undefined when there was none. */
export async function findTestMail(tx: Tx, scope: Scope): Promise<TestMail | undefined> {
  const row = await tx
    .selectFrom("emails")
    .select(["queued_at", "to_address", "state", "answer"])
    .where("instance_id", "=", scope.instance.id)
    .where("kind", "=", "sender_test")
    .orderBy("queued_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && { queuedAt: row.queued_at, to: row.to_address, state: row.state, answer: row.answer };
}

/** What the mail says, in one language. */
interface TestWords {
  readonly subject: (instance: string) => string;
  readonly heading: string;
  readonly what: (instance: string) => string;
  readonly back: string;
  readonly because: (name: string) => string;
}

const WORDS: Readonly<Record<Language, TestWords>> = {
  en: {
    subject: (instance) => `A test from ${instance}`,
    heading: "Mails of this instance arrive",
    what: (instance) =>
      `This is a test of the sender of ${instance}. You are reading it, so its mails arrive. If you found it in Spam or Junk, so will the reset links: ask whoever runs the mail domain for SPF, DKIM and DMARC.`,
    back: "Back to the settings",
    because: (name) => `Sent because ${name} asked for a test.`,
  },
  es: {
    subject: (instance) => `Una prueba de ${instance}`,
    heading: "Los mensajes de esta instancia llegan",
    what: (instance) =>
      `Esto es una prueba del remitente de ${instance}. Lo está leyendo, así que sus mensajes llegan. Si lo encontró en el correo no deseado, allí irán también los enlaces: pida SPF, DKIM y DMARC a quien administre el dominio.`,
    back: "Volver a los ajustes",
    because: (name) => `Enviado porque ${name} pidió una prueba.`,
  },
};

function testMail(instance: Instance, user: User): WrittenMail {
  const { language } = readerOf(user, instance);
  const words = WORDS[language];
  const hello = MAIL_WORDS[language].hello(user.firstName);
  const what = words.what(instance.name);
  const href = `${instance.origin}/settings/mail`;
  return {
    subject: words.subject(instance.name),
    text: [hello, what, `${words.back}:\n${href}`].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.heading}
        preview={what}
        button={{ label: words.back, href }}
        smallPrint={words.because(user.name)}
      >
        <MailText>{hello}</MailText>
        <MailText>{what}</MailText>
      </MailLayout>,
    ),
  };
}
