import { isIP } from "node:net";

import type { Deps } from "#platform/deps.ts";
import { SmtpConversation, SmtpFault } from "#platform/mail/smtp-conversation.ts";
import type { SmtpServer } from "#platform/mail/smtp-server.ts";
import { judgeEncryption } from "./judge-encryption.ts";
import type { Check, Finding, Verdict } from "./finding.ts";
import { isThisMachine } from "./relay.ts";
import { signIn } from "./sign-in.ts";

interface ServerExamination {
  readonly findings: readonly Finding[];
  /** Signed in and ready for a mail, if the program would get so far; whoever asked closes it. */
  readonly conversation: SmtpConversation | undefined;
}

/** Goes the way of every mail up to the first sender, and says of each step how it went. */
export async function examineServer(deps: Deps, server: SmtpServer): Promise<ServerExamination> {
  const findings: Finding[] = [];
  const say = (check: Check, verdict: Verdict): Verdict => {
    findings.push({ check, subject: nameOf(server), ...verdict });
    return verdict;
  };
  const { conversation, verdict } = await openConversation(server);
  say("server_name", await examineName(deps, server, conversation !== undefined));
  say("server_connection", verdict);
  if (!conversation) return { findings, conversation };
  try {
    const offers = await encryptAndGreet(conversation, server);
    const encryption = say("server_encryption", judgeEncryption(deps.clock.now(), server, { conversation, offers }));
    // Where there is no encryption the program goes on all the same, so we do; where it is not to be trusted, neither does.
    if (encryption.result === "fault" && conversation.encryption) return end(conversation, findings);
    const signedIn = say("server_sign_in", await signIn(conversation, server, offers));
    return signedIn.result === "fault" ? end(conversation, findings) : { findings, conversation };
  } catch (error) {
    if (!(error instanceof SmtpFault)) throw error;
    const isEncrypted = findings.some(({ check }) => check === "server_encryption");
    const found = `The mail server ends the conversation here: ${error.message}.`;
    say(isEncrypted ? "server_sign_in" : "server_encryption", { result: "fault", found });
    return end(conversation, findings);
  }
}

function end(conversation: SmtpConversation, findings: readonly Finding[]): ServerExamination {
  conversation.close();
  return { findings, conversation: undefined };
}

function nameOf({ host, port }: SmtpServer): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function openConversation(
  server: SmtpServer,
): Promise<{ conversation: SmtpConversation | undefined; verdict: Verdict }> {
  const startedAt = performance.now();
  try {
    const conversation = await SmtpConversation.open(server);
    const ms = Math.round(performance.now() - startedAt);
    return { conversation, verdict: { result: "ok", found: `The mail server greets after ${ms} ms.` } };
  } catch (error) {
    if (!(error instanceof SmtpFault)) throw error;
    const found = `The mail server cannot be talked to: ${error.message}. Mails wait until it can.`;
    const change = "Check host, port and smtp or smtps in SMTP_URL, and that a firewall lets this machine through.";
    return { conversation: undefined, verdict: { result: "fault", found, change } };
  }
}

/** A name may be known to this machine alone, by a file of its own: then only the connection proves it. */
async function examineName(deps: Deps, { host }: SmtpServer, isReached: boolean): Promise<Verdict> {
  if (isIP(host) > 0) return { result: "ok", found: `SMTP_URL names the address ${host} itself.` };
  if (isThisMachine(host)) return { result: "ok", found: `${host} is this machine.` };
  const answer = await deps.dns.findAddresses(host);
  if (answer.outcome === "found") return { result: "ok", found: `${host} is ${answer.entries.join(" and ")}.` };
  if (isReached) return { result: "ok", found: `${host} is known to this machine, though not to DNS.` };
  if (answer.outcome === "no_answer")
    return { result: "skipped", found: `DNS does not answer for ${host} (${answer.why}).` };
  return {
    result: "fault",
    found: `DNS knows no machine called ${host}.`,
    change: "Check the spelling of the host in SMTP_URL.",
  };
}

/** Encrypts as the transport would. @returns what the server offers then (RFC 3207, section 4.2: it may be something else). */
async function encryptAndGreet(conversation: SmtpConversation, server: SmtpServer): Promise<readonly string[]> {
  const offers = await conversation.greet();
  const mayEncrypt = offers.includes("STARTTLS") && !server.ignoresStartTls;
  if (server.isSecure || !(mayEncrypt || server.requiresStartTls)) return offers;
  await conversation.startTls();
  return conversation.greet();
}
