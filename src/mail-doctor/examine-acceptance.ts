import { type Reply, type SmtpConversation, SmtpFault } from "#platform/mail/smtp-conversation.ts";
import type { Finding, Verdict } from "./finding.ts";

/** Says of each sender whether the server would take a mail from it, without sending one. */
export async function examineAcceptance(
  conversation: SmtpConversation | undefined,
  senders: readonly string[],
  bounceDomain: string | undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const sender of senders) {
    const returnPath = bounceDomain === undefined ? sender : `postmaster@${bounceDomain}`;
    const verdict = await examineSender(conversation, sender, returnPath);
    findings.push({ check: "sender_accepted", subject: sender, ...verdict });
  }
  return findings;
}

async function examineSender(
  conversation: SmtpConversation | undefined,
  sender: string,
  returnPath: string,
): Promise<Verdict> {
  if (!conversation) return { result: "skipped", found: "Not tried, since the mail server cannot be used." };
  try {
    return await offer(conversation, sender, returnPath);
  } catch (error) {
    if (!(error instanceof SmtpFault)) throw error;
    return { result: "warning", found: `The mail server stops answering: ${error.message}.` };
  }
}

/** Up to the point where the mail itself would follow; RSET takes it all back (RFC 5321, section 4.1.1.5). */
async function offer(conversation: SmtpConversation, sender: string, returnPath: string): Promise<Verdict> {
  const recipient = `postmaster@${sender.slice(sender.lastIndexOf("@") + 1)}`;
  const from = await conversation.say(`MAIL FROM:<${returnPath}>`);
  const to = from.code === 250 ? await conversation.say(`RCPT TO:<${recipient}>`) : undefined;
  await conversation.say("RSET");
  if (!to) return refusal(from, `a mail from ${sender}`, "Use a sender that this mail server may send for.");
  if (to.code === 250 || to.code === 251) return { result: "ok", found: `The mail server takes mails from ${sender}.` };
  const change = "Let this user or machine send to any address, not only to those of the server itself.";
  return refusal(to, `a mail from ${sender} to ${recipient}`, change);
}

/** A 4xx answer asks to come again later (RFC 5321, section 4.2.1), as greylisting does, and the program does. */
function refusal({ code, text }: Reply, what: string, change: string): Verdict {
  if (code >= 500) return { result: "fault", found: `The mail server refuses ${what}: "${text}".`, change };
  return { result: "warning", found: `The mail server defers ${what}: "${text}". The program tries again by itself.` };
}
