import type { JobHandler } from "#jobs/run-jobs.ts";
import { queueJob } from "#jobs/queue-job.ts";
import type { Instance } from "#instances/instance.ts";
import { asSystem, type Scope } from "#instances/scope.ts";
import { after, DAY_MS } from "#lib/clock.ts";
import type { Language } from "#lib/language.ts";
import type { Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import { queueEmail } from "#mail-delivery/queue-email.ts";
import type { Tx } from "#platform/database/database.ts";
import { MAIL_WORDS } from "#recovery/mail-words.ts";
import { MailFact, MailLayout, MailText } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { getRecipients, readerOf } from "#users/reader.ts";
import { findActiveUsers, type User } from "#users/user.ts";
import { findHead, headWords } from "./seal.ts";

/** The kind of the job that mails the head of a record. */
export const AUDIT_HEAD = "audit_head";

/**
 * The head of the record is mailed a day from now, unless that waits already: while anything happens in an instance its
 * Owners get one mail a day, and one after it came to rest. Call it while nobody else can seal.
 */
export async function queueHeadMail(tx: Tx, scope: Scope, at: Date): Promise<void> {
  const waiting = await tx
    .selectFrom("jobs")
    .select("id")
    .where("instance_id", "=", scope.instance.id)
    .where("kind", "=", AUDIT_HEAD)
    .limit(1)
    .forUpdate() // One that is being done this moment may have read the head before.
    .executeTakeFirst();
  if (!waiting) await queueJob(tx, scope, at, { kind: AUDIT_HEAD, payload: {}, notBefore: after(at, DAY_MS) });
}

/** The head of the record leaves the database, by mail to every active Owner and in the log: out there nobody can change it. */
export const mailAuditHead: JobHandler = async (deps, { instance }, tx) => {
  const scope = asSystem(instance);
  const head = await findHead(tx, scope);
  if (!head) return;
  const data = { head: headWords(head), number: head.number, sealed_at: head.sealedAt.toISOString() };
  for (const { id, email } of await findActiveUsers(tx, scope, ["owner"]))
    await queueEmail(tx, scope, deps.clock.now(), { kind: AUDIT_HEAD, userId: id, to: email, data });
  deps.log.info("the head of the record", { instance: instance.origin, head: data.head, sealed_at: data.sealed_at });
};

/** The mail that takes the head of the record out of the database. */
export const auditMails: MailKinds = {
  [AUDIT_HEAD]: {
    prepare: async (tx, instance, emails) => {
      const userOf = await getRecipients(tx, instance, emails);
      return (email) => ({ write: () => headMail(instance, userOf(email), email) });
    },
  },
};

/** What the mail says, in one language. */
interface HeadWords {
  readonly subject: (of: { instance: string; number: string }) => string;
  readonly heading: string;
  readonly what: (of: { instance: string; number: string; when: string }) => string;
  readonly keep: string;
  readonly label: string;
  readonly check: (command: string) => string;
  readonly look: string;
}

const WORDS: Readonly<Record<Language, HeadWords>> = {
  en: {
    subject: ({ instance, number }) => `The record of ${instance}, seal ${number}`,
    heading: "Keep this mail: it holds the seal of your record",
    what: ({ instance, number, when }) =>
      `What is done at ${instance} is recorded, and the record is sealed. Its newest seal, number ${number}, was made on ${when}.`,
    keep: "There is nothing to do but to keep it. Nobody who gets into the database can reach this mail: should somebody ever cut off the end of the record, the seal in it no longer fits.",
    label: "Seal",
    check: (command) => `Whoever runs Rekey checks that the record still holds this seal: ${command}`,
    look: "Look at the record",
  },
  es: {
    subject: ({ instance, number }) => `El registro de ${instance}, sello ${number}`,
    heading: "Guarde este mensaje: contiene el sello de su registro",
    what: ({ instance, number, when }) =>
      `Lo que se hace en ${instance} queda registrado, y el registro se sella. Su último sello, el número ${number}, se puso el ${when}.`,
    keep: "Basta con guardarlo. Quien entre en la base de datos no puede llegar a este mensaje: si alguien cortara el final del registro, este sello dejaría de encajar.",
    label: "Sello",
    check: (command) => `Quien administra Rekey comprueba que el registro conserva este sello: ${command}`,
    look: "Ver el registro",
  },
};

function headMail(instance: Instance, owner: User, { data }: Email): WrittenMail {
  const { language, zone } = readerOf(owner, instance);
  const words = WORDS[language];
  const [head, number] = [String(data.head), String(data.number)];
  const when = exactWords(new Date(String(data.sealed_at)), zone, language);
  const what = words.what({ instance: instance.name, number, when });
  const check = words.check(`npm run rekey -- audit verify --head ${head}`);
  const hello = MAIL_WORDS[language].hello(owner.firstName);
  const href = `${instance.origin}/settings/audit`;
  return {
    subject: words.subject({ instance: instance.name, number }),
    text: [hello, what, words.keep, `${words.label}: ${head}`, check, `${words.look}:\n${href}`].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.heading}
        preview={what}
        button={{ label: words.look, href }}
        smallPrint={check}
      >
        <MailText>{hello}</MailText>
        <MailText>{what}</MailText>
        <MailText>{words.keep}</MailText>
        <MailFact label={words.label} value={head} />
      </MailLayout>,
    ),
  };
}
