import type { Instance } from "#instances/instance.ts";
import { asSystem } from "#instances/scope.ts";
import { type Language, languageFor } from "#lib/language.ts";
import type { Draft, Email, MailKinds, WrittenMail } from "#mail-delivery/email.ts";
import type { Keyring } from "#platform/crypto/keyring.ts";
import type { Tx } from "#platform/database/database.ts";
import { resetLinkSubject } from "#recovery/mails.tsx";
import { findRecoveries } from "#recovery/recovery.ts";
import { MailLayout, MailText } from "#ui/mail-layout.tsx";
import { exactWords } from "#ui/relative-time.ts";
import { renderHtml } from "#ui/render-html.ts";
import { readerOf } from "#users/reader.ts";
import { findUsers, type User } from "#users/user.ts";
import { answerLinkOf } from "./answer-link.ts";
import { followReply, followReplyReport } from "./follow-reply.ts";
import { TICKET_REPLY } from "./queue-reply.ts";
import { REPLY_WORDS } from "./reply-words.ts";

/** The mails that this feature queues. */
export function ticketMails(keyring: Keyring): MailKinds {
  return {
    [TICKET_REPLY]: {
      prepare: (tx, instance, emails) => prepareReplies(keyring, tx, instance, emails),
      follow: followReply,
      reported: followReplyReport,
    },
  };
}

/** Who told of a link is told no more of it once it was used or died. */
async function prepareReplies(
  keyring: Keyring,
  tx: Tx,
  instance: Instance,
  emails: readonly Email[],
): Promise<(email: Email) => Draft> {
  const scope = asSystem(instance);
  const recoveryIds = emails.flatMap(({ data }) => (typeof data.recovery === "string" ? data.recovery : []));
  const recoveries = await findRecoveries(tx, scope, recoveryIds);
  const userIds = [...recoveries.values()].map(({ userId }) => userId);
  const users = await findUsers(tx, scope, [
    ...new Set([...userIds, ...emails.flatMap((email) => email.user_id ?? [])]),
  ]);
  return (email) => {
    const recovery = recoveries.get(String(email.data.recovery));
    const owner = users.get(recovery?.userId ?? "");
    const reader = users.get(email.user_id ?? "");
    const mailCalled = recovery && owner && resetLinkSubject(instance, owner, recovery);
    return {
      isWanted: () => recovery === undefined || recovery.storedState === "open",
      write: () => replyMail({ instance, email, reader, mailCalled, answer: answerLinkOf(keyring, instance, email) }),
    };
  };
}

interface Reply {
  readonly instance: Instance;
  readonly email: Email;
  /** Undefined where the address is nobody's. */
  readonly reader: User | undefined;
  /** The subject of the mail with the link, where the reply tells of one. */
  readonly mailCalled: string | undefined;
  readonly answer: string;
}

/** Says what was done or what an administrator wrote, and asks whether the person is in. */
function replyMail({ instance, email, reader, mailCalled, answer }: Reply): WrittenMail {
  const { data } = email;
  const { language, zone } = reader
    ? readerOf(reader, instance)
    : { language: languageFor(null, instance.language), zone: instance.timeZone };
  const words = REPLY_WORDS[language];
  const request = { number: Number(data.number), instance: instance.name };
  const hello = words.hello(data.is_owner === true && reader ? reader.firstName : String(data.name));
  const paragraphs = data.kind === "said" ? saidIn(email, language) : toldIn(email, { language, zone, mailCalled });
  return {
    subject: words.subject(request),
    text: [hello, ...paragraphs, `${words.please}\n${words.answer}:\n${answer}`, words.why(request)].join("\n\n"),
    html: renderHtml(
      <MailLayout
        instance={{ name: instance.name, hue: instance.accentHue }}
        language={language}
        heading={words.subject(request)}
        preview={paragraphs[0]}
        button={{ label: words.answer, href: answer }}
        smallPrint={words.why(request)}
      >
        {[hello, ...paragraphs, words.please].map((paragraph) => (
          <MailText>{linesOf(paragraph)}</MailText>
        ))}
      </MailLayout>,
    ),
  };
}

function saidIn({ data }: Email, language: Language): readonly string[] {
  return [REPLY_WORDS[language].says(String(data.by)), ...String(data.text).split(/(?:\r?\n){2,}/)];
}

/** Whether it is their account, they may not know; so only who reads the mails of the account is told how to find the link. */
function toldIn(
  { data }: Email,
  of: { language: Language; zone: string; mailCalled: string | undefined },
): readonly string[] {
  const words = REPLY_WORDS[of.language];
  const [by, address] = [String(data.by), String(data.masked_address)];
  if (data.is_owner !== true) return [words.linkSentElsewhere({ by, address })];
  const when = exactWords(new Date(String(data.ends_at)), of.zone, of.language);
  return [words.linkSent({ by, address, when }), words.lookInSpam(of.mailCalled ?? "")];
}

/** Line breaks within a paragraph are the writer's own. */
function linesOf(paragraph: string) {
  const [first = "", ...others] = paragraph.split(/\r?\n/);
  return [first, ...others.flatMap((line) => [<br />, line])];
}
