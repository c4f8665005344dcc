import PostalMime, { type Email } from "postal-mime";

import { wordsOfServer } from "./server-words.ts";

/*
 * A report is a stranger's, who has time: no more of it is read than takes some milliseconds, whatever it is made of. What went
 * wrong stands near its beginning, before the copy of the mail.
 */
const MOST_SEARCHED = 128 * 1024;
const MOST_BYTES = 16 * 1024;
const MOST_LINES = 2_000;
const LONGEST_SUBJECT = 1_000;

/** What a mail server reports about a mail that it took and could not deliver, or not yet. */
export interface DeliveryReport {
  readonly outcome: "failed" | "delayed";
  /** Who reports. */
  readonly server: string;
  /** Why, in the words of the server that turned the mail away: one line, without a link. */
  readonly answer: string;
}

/**
 * Reads a delivery status notification (RFC 3464, RFC 6533) or what older servers send in its place.
 * @returns undefined for a report of success and for every other mail, such as a vacation notice.
 */
export async function readDeliveryReport(raw: Uint8Array): Promise<DeliveryReport | undefined> {
  const message = await PostalMime.parse(tellingPartOf(raw), { attachmentEncoding: "utf8" });
  const status = message.attachments.find(({ mimeType }) => STATUS_TYPES.has(mimeType));
  const report = typeof status?.content === "string" ? readStatus(status.content) : readProse(message);
  return report && { ...report, server: wordsOfServer(report.server), answer: wordsOfServer(report.answer) };
}

/** @returns the part in which a report speaks to programs, as a message of its own, or the beginning of any other mail. */
function tellingPartOf(raw: Uint8Array): Uint8Array {
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, MOST_SEARCHED)).toString("latin1");
  const type = text.search(/^Content-Type:\s*"?message\/(?:global-)?delivery-status/im);
  const [before, after] = type === -1 ? [-1, -1] : [text.lastIndexOf("\n--", type), text.indexOf("\n--", type)];
  const part = text.slice(before === -1 ? 0 : text.indexOf("\n", before + 1) + 1, after === -1 ? undefined : after);
  return Buffer.from(part.slice(0, MOST_BYTES).split("\n", MOST_LINES).join("\n"), "latin1");
}

const STATUS_TYPES = new Set(["message/delivery-status", "message/global-delivery-status"]);

/** One group of fields about the mail, then one about each recipient, apart by an empty line (RFC 3464, section 2.1). */
function readStatus(text: string): DeliveryReport | undefined {
  const [mail = new Map<string, string>(), ...recipients] = text
    .replaceAll("\r\n", "\n")
    .split(/\n[ \t]*\n/)
    .map(readFields)
    .filter((fields) => fields.size > 0);
  const of = (action: string): Fields | undefined => recipients.find((each) => each.get("action") === action);
  const recipient = of("failed") ?? of("delayed");
  if (!recipient) return undefined;
  return {
    outcome: recipient.get("action") === "failed" ? "failed" : "delayed",
    server: withoutType(recipient.get("remote-mta") ?? mail.get("reporting-mta") ?? ""),
    answer: answerOf(withoutType(recipient.get("diagnostic-code") ?? ""), recipient.get("status") ?? ""),
  };
}

type Fields = ReadonlyMap<string, string>;

function readFields(group: string): Fields {
  const lines = group.replaceAll(/\n[ \t]+/g, " ").split("\n");
  const fields = lines.flatMap((line) => {
    const [, name = "", rest = ""] = /^([\w-]+):(.*)/s.exec(line) ?? [];
    const value = rest.trim();
    return name ? [[name.toLowerCase(), name.toLowerCase() === "action" ? value.toLowerCase() : value] as const] : [];
  });
  return new Map(fields);
}

/** Values begin with their type, as in `dns; mx.example` and `smtp; 550 …`. */
function withoutType(value: string): string {
  return value.replace(/^\s*[\w-]+\s*;\s*/, "");
}

/** The status stands in the server's words, or is put before them. */
function answerOf(words: string, status: string): string {
  const number = /[245]\.\d{1,3}\.\d{1,3}/.exec(status)?.[0] ?? "";
  return number && !words.includes(number) ? `${number} ${words}` : words;
}

/** qmail, older Exim and Exchange, and gateways of all kinds tell it to people rather than to programs. */
function readProse(message: Email): DeliveryReport | undefined {
  const text = ownWordsOf(message.text ?? message.html?.replaceAll(/<[^<>]*>/g, " ") ?? "");
  const failed = message.headers.some(({ key }) => key === "x-failed-recipients");
  const isFromServer = /^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon)@/i.test(message.from?.address ?? "");
  const subject = (message.subject ?? "").slice(0, LONGEST_SUBJECT);
  const isDelayed = !failed && DELAY.test(`${subject} ${text}`);
  const isFailed = failed || FAILURE.test(`${subject} ${text}`);
  if (!failed && !(isFromServer && (isFailed || isDelayed))) return undefined;
  const reason = text.split(/\n\s*\n|\n(?=\s*<)/).find((paragraph) => REASON.test(paragraph));
  if (!isDelayed && !failed && !reason) return undefined;
  return {
    outcome: isDelayed ? "delayed" : "failed",
    server: message.from?.address?.split("@")[1] ?? "",
    answer: reason?.slice(Math.max(0, reason.search(REASON))) ?? (subject || "No reason was given"),
  };
}

const FAILURE =
  /undeliver|not be delivered|could not deliver|couldn't be delivered|delivery (?:status|has failed|failure|incomplete|delayed|problem)|failure notice|returned (?:mail|to sender)|mail delivery failed|wasn't able to deliver|delivery.*failed/i;
const DELAY =
  /\bdelayed\b|delay(?:ed)? delivery|still being retried|will (?:be retried|keep trying|retry)|not yet been delivered|delivery incomplete|warning only/i;
/** An SMTP reply or an enhanced status, or what qmail says before it. */
const REASON = /\b[45]\d\d[ -](?:[45]\.\d+\.\d+\b|\S)|#[45]\.\d+\.\d+|\b[45]\.\d{1,3}\.\d{1,3}\b|^[ \t]*Sorry, /m;

/** @returns what stands before the copy of the mail that came back. */
function ownWordsOf(text: string): string {
  const end = text.search(
    /^-{2,}\s*(?:this is a copy|below this line|the following|original|returned|forwarded|message)|^Return-Path:|^Received: /im,
  );
  return end === -1 ? text : text.slice(0, end);
}
