/** One genuine report as a mail server writes it, without the header lines To and From. */
interface SampleReport {
  readonly name: string;
  readonly outcome: "hard" | "soft" | "delayed";
  /** @returns the raw message. */
  readonly write: (of: { to: string; returnPath: string; messageId: string }) => string;
}

type Of = Parameters<SampleReport["write"]>[0];

/** Words of real servers, with addresses of nobody: what the standard asks for first, then what predates it. */
export const DELIVERY_REPORTS: readonly SampleReport[] = [
  standard("Postfix, no such user", "hard", {
    status: "5.1.1",
    diagnostic:
      "smtp; 550 5.1.1 <maria@oak.example>: Recipient address rejected: User unknown in virtual mailbox table",
  }),
  standard("Postfix, domain not found", "hard", {
    status: "5.4.4",
    diagnostic:
      "X-Postfix; Host or domain name not found. Name service error for name=oak.exmaple type=AAAA: Host not found",
  }),
  standard("Postfix, null MX", "hard", {
    status: "5.1.10",
    diagnostic: "X-Postfix; Domain oak.example does not accept mail (nullMX)",
  }),
  standard("Gmail, no such account", "hard", {
    status: "5.1.1",
    diagnostic:
      "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n 550-5.1.1 double-checking the recipient's email address for typos. For more information, go to\n 550 5.1.1  https://support.example.com/?p=NoSuchUser - gsmtp",
  }),
  standard("Exchange Online, not found", "hard", {
    status: "5.1.10",
    diagnostic: "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
  }),
  standard("mailbox disabled", "hard", {
    status: "5.2.1",
    diagnostic: "smtp; 550 5.2.1 The email account that you tried to reach is disabled.",
  }),
  standard("a status in the old words only", "hard", {
    status: "5.0.0",
    diagnostic: "smtp; 550 No such user here",
  }),
  standard("mailbox full", "soft", {
    status: "5.2.2",
    diagnostic: "smtp; 552 5.2.2 Mailbox size limit exceeded",
  }),
  standard("Postfix, given up after five days", "soft", {
    status: "4.4.1",
    diagnostic: "X-Postfix; connect to mx.oak.example[192.0.2.7]:25: Connection timed out",
  }),
  standard("refused as spam", "soft", {
    status: "5.7.1",
    diagnostic: "smtp; 554 5.7.1 Message rejected due to content restrictions",
  }),
  standard("unauthenticated sender", "soft", {
    status: "5.7.26",
    diagnostic:
      "smtp; 550 5.7.26 Unauthenticated email from rekey.example is not accepted due to domain's DMARC policy",
  }),
  standard("Postfix, delayed", "delayed", {
    action: "delayed",
    status: "4.4.1",
    diagnostic: "X-Postfix; connect to mx.oak.example[192.0.2.7]:25: Connection refused",
  }),
  standard("international, RFC 6533", "hard", {
    type: "message/global-delivery-status",
    status: "5.1.1",
    diagnostic: "smtp; 550 5.1.1 Użytkownik nie istnieje",
  }),
  standard("with the action in capitals and folded fields", "hard", {
    action: "Failed (unable to deliver)".slice(0, 6),
    status: "5.1.1 (bad destination mailbox address)",
    diagnostic: "smtp;\n\t550 5.1.1 unknown\n\tuser",
  }),
  plain("Exim before it wrote reports, no such user", "hard", {
    subject: "Mail delivery failed: returning message to sender",
    from: "Mail Delivery System <Mailer-Daemon@mx.oak.example>",
    headers: ({ to }) => [`X-Failed-Recipients: ${to}`],
    text: ({ to }) =>
      `This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ${to}\n    host mx.oak.example [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:<${to}>:\n    550 5.1.1 <${to}>: Recipient address rejected: User unknown\n\n------ This is a copy of the message, including all the headers. ------\n\nReturn-path: <x@y>\n`,
  }),
  plain("qmail, no mailbox", "hard", {
    subject: "failure notice",
    from: "MAILER-DAEMON@mx.oak.example",
    text: ({ to }) =>
      `Hi. This is the qmail-send program at mx.oak.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<${to}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <x@y>\n`,
  }),
  plain("qmail, relaying what the next server said", "soft", {
    subject: "failure notice",
    from: "MAILER-DAEMON@mx.oak.example",
    text: ({ to }) =>
      `Hi. This is the qmail-send program at mx.oak.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<${to}>:\n192.0.2.7 failed after I sent the message.\nRemote host said: 552 5.2.2 Mailbox full\n\n--- Below this line is a copy of the message.\n`,
  }),
  plain("an old gateway", "hard", {
    subject: "Undeliverable: Set a new password",
    from: "postmaster@oak.example",
    text: ({ to }) =>
      `Your message\n\n  To: ${to}\n\ncould not be delivered.\n\n550 No such user: ${to}\n\n-----Original Message-----\nFrom: x\n`,
  }),
  plain("Exim, delayed", "delayed", {
    subject: "Warning: message 1abc delayed 24 hours",
    from: "Mailer-Daemon@mx.oak.example",
    text: ({ to }) =>
      `This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\n  ${to}\n    host mx.oak.example [192.0.2.7]: 451 4.7.1 Try again later\n\nNo action is required on your part. Delivery attempts will continue, delivery is delayed.\n`,
  }),
  plain("a provider's letter in HTML", "hard", {
    subject: "Delivery Status Notification (Failure)",
    from: "Mail Delivery Subsystem <mailer-daemon@mail.example>",
    html: true,
    text: ({ to }) =>
      `<html><body><p>Address not found</p><p>Your message wasn't delivered to <b>${to}</b> because the address couldn't be found.</p>\n\n<p>The response was: 550 5.1.1 The account does not exist</p></body></html>`,
  }),
];

/**
 * @param genuine the local part of a mail's return path.
 * @param of another mail's, and what identifies the mail elsewhere.
 * @returns sixteen local parts that somebody could make up who has seen all of that.
 */
export function forgedLocalParts(
  genuine: string,
  of: { other: string; recoveryId: string; messageId: string },
): readonly string[] {
  return [
    ...[2, 10, 20, 30, 40, 50].map((at) => swapped(genuine, at)),
    genuine.slice(0, -1),
    `${genuine}0`,
    `b-${"0".repeat(genuine.length - 2)}`,
    `b-${"z".repeat(genuine.length - 2)}`,
    genuine.slice(2),
    `${genuine.slice(0, 30)}${of.other.slice(30)}`,
    "postmaster",
    "bounce",
    `b-${of.recoveryId.replaceAll("-", "")}`,
    `b-${BigInt(`0x${of.messageId.replace(/[<>-]|@.*/g, "")}`).toString(36)}`,
  ];
}

/** @returns the text with another letter or digit at this place. */
export function swapped(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === "a" ? "b" : "a"}${text.slice(at + 1)}`;
}

function standard(
  name: string,
  outcome: SampleReport["outcome"],
  of: { status: string; diagnostic: string; action?: string; type?: string },
): SampleReport {
  const { status, diagnostic, action = "failed", type = "message/delivery-status" } = of;
  const write = ({ to, returnPath, messageId }: Of): string =>
    [
      "From: MAILER-DAEMON@mx.oak.example (Mail Delivery System)",
      `To: ${returnPath}`,
      "Subject: Undelivered Mail Returned to Sender",
      "Auto-Submitted: auto-replied",
      "MIME-Version: 1.0",
      'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"',
      "",
      "This is a MIME-encapsulated message.",
      "",
      "--=_b",
      "Content-Type: text/plain; charset=us-ascii",
      "",
      "I'm sorry to have to inform you that your message could not be delivered.",
      "",
      "--=_b",
      `Content-Type: ${type}`,
      "Content-Transfer-Encoding: 8bit",
      "",
      "Reporting-MTA: dns; mx.oak.example",
      "X-Postfix-Queue-ID: 4C1",
      "",
      `Final-Recipient: rfc822; ${to}`,
      `Action: ${action}`,
      `Status: ${status}`,
      "Remote-MTA: dns; mx2.oak.example",
      `Diagnostic-Code: ${diagnostic}`,
      "",
      "--=_b",
      "Content-Type: text/rfc822-headers",
      "",
      `Message-ID: ${messageId}`,
      "",
      "--=_b--",
      "",
    ].join("\n");
  return { name, outcome, write };
}

function plain(
  name: string,
  outcome: SampleReport["outcome"],
  of: { subject: string; from: string; text: (of: Of) => string; headers?: (of: Of) => string[]; html?: boolean },
): SampleReport {
  const write = (given: Of): string =>
    [
      `From: ${of.from}`,
      `To: ${given.returnPath}`,
      `Subject: ${of.subject}`,
      ...(of.headers?.(given) ?? []),
      `Content-Type: text/${of.html ? "html" : "plain"}; charset=us-ascii`,
      "",
      of.text(given),
    ].join("\n");
  return { name, outcome, write };
}
