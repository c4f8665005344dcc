import type { Reply, SmtpConversation } from "#platform/mail/smtp-conversation.ts";
import type { SmtpServer } from "#platform/mail/smtp-server.ts";
import type { Verdict } from "./finding.ts";

/** Signs in with what SMTP_URL says (RFC 4954), and says how that went, never with what. */
export async function signIn(
  conversation: SmtpConversation,
  { auth }: SmtpServer,
  offers: readonly string[],
): Promise<Verdict> {
  if (!auth) return { result: "skipped", found: "SMTP_URL names no user, so the program does not sign in." };
  const ways = offers.find((offer) => /^AUTH[ =]/.test(offer))?.split(/[ =]/) ?? [];
  const way = ["PLAIN", "LOGIN"].find((each) => ways.includes(each));
  if (ways.length === 0)
    return {
      result: "fault",
      found: "SMTP_URL names a user, and the mail server offers no sign-in.",
      change: "Use its port for sending (587 or 465), or take user and password out of SMTP_URL.",
    };
  if (!way)
    return { result: "skipped", found: `The server signs in by ${ways.slice(1).join(", ")} alone, not tried here.` };
  const reply = way === "PLAIN" ? await plain(conversation, auth) : await login(conversation, auth);
  if (reply.code === 235) return { result: "ok", found: "The mail server takes user and password." };
  // Whatever it repeats of what it was sent, we do not.
  const answer = `${reply.code}${/^ [245]\.\d+\.\d+/.exec(reply.text.slice(3))?.[0] ?? ""}`;
  return reply.code >= 500
    ? {
        result: "fault",
        found: `The mail server refuses user and password (${answer}).`,
        change: "Check user and password in SMTP_URL; there, @ is written as %40, : as %3A and / as %2F.",
      }
    : {
        result: "warning",
        found: `The mail server takes no sign-in at the moment (${answer}); the program tries again.`,
      };
}

type Auth = NonNullable<SmtpServer["auth"]>;

function plain(conversation: SmtpConversation, { user, password }: Auth): Promise<Reply> {
  return conversation.say(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
}

async function login(conversation: SmtpConversation, { user, password }: Auth): Promise<Reply> {
  let reply = await conversation.say("AUTH LOGIN");
  if (reply.code === 334) reply = await conversation.say(base64(user));
  return reply.code === 334 ? conversation.say(base64(password)) : reply;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
