import assert from "node:assert/strict";

import { CookieJar } from "./http.ts";
import type { TestInstance, TestUser } from "./rekey.ts";
import { untilIdle } from "./tables.ts";
import { openedTicket } from "./ticket.ts";

/** A reply about a link that was sent, whose own link was opened. */
interface OpenedReply {
  readonly maria: TestUser;
  readonly ticketId: string;
  /** The path of the link, and the token in it. */
  readonly link: string;
  readonly token: string;
  /** What the form names, and the cookies that opening left. */
  readonly mailId: string;
  readonly cookies: CookieJar;
}

/** Maria asked for help, was sent a link, and has opened the reply. @param from.email where she wrote from, if not from her own address. */
export async function openedReply(oak: TestInstance, from: { email?: string } = {}): Promise<OpenedReply> {
  const maria = await oak.addUser({ firstName: "Maria" });
  const { email = maria.email } = from;
  const { id: ticketId } = await openedTicket(oak, { name: "Maria", email });
  const owner = await oak.asOwner();
  const sent = await oak.api("POST", `/users/${maria.id}/reset-links`, {
    json: { ticket_id: ticketId },
    cookies: owner,
  });
  assert.equal(sent.status, 202, sent.text);
  const { message } = await oak.mailTo(email, (mail) => /\/ticket-answers\//.test(mail.message.text ?? ""));
  await untilIdle(oak);
  const link = /\/ticket-answers\/[\w-]+/.exec(message.text ?? "")?.[0] ?? "";
  const cookies = new CookieJar();
  const opened = await oak.request(link, { cookies });
  const mailId = new URL(String(opened.headers.location), oak.instance.origin).searchParams.get("mail") ?? "";
  return { maria, ticketId, link, token: link.split("/").at(-1) ?? "", mailId, cookies };
}
