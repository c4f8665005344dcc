import assert from "node:assert/strict";

import { openTicket } from "#tickets/open-ticket.ts";
import type { Ticket } from "#tickets/ticket.ts";
import type { CookieJar } from "./http.ts";
import type { TestInstance } from "./rekey.ts";

/** What the API shows of a ticket, as far as tests look at it. */
export interface ShownTicket {
  readonly id: string;
  readonly number: number;
  readonly subject: string;
  readonly requester: { readonly user_id: string | null; readonly name: string; readonly email: string };
  readonly status: string;
  readonly assignee: string | null;
  readonly external_url: string | null;
  readonly messages: readonly {
    readonly id: string;
    readonly kind: string;
    readonly text: string;
    readonly author: { readonly type: string; readonly name: string };
  }[];
  readonly recoveries: readonly { readonly id: string; readonly ticket_id: string | null }[];
}

/** Somebody cannot sign in and has said so. */
export function openedTicket(
  oak: TestInstance,
  requester: { name: string; email: string } = { name: "Maria Gonzalez", email: "maria@elsewhere.example" },
): Promise<Ticket> {
  const { name, email } = requester;
  return openTicket(oak.deps, oak.scope, { subject: "I cannot sign in", message: "Help", requester: { name, email } });
}

/** @returns the ticket as the API shows it to who works on it. */
export async function readTicket(oak: TestInstance, id: string, cookies: CookieJar): Promise<ShownTicket> {
  const answer = await oak.api("GET", `/tickets/${id}`, { cookies });
  assert.equal(answer.status, 200, answer.text);
  return answer.json() as ShownTicket;
}
