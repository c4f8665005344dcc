import { type Context, Hono } from "hono";

import { type FieldFault, fieldFaultsOf } from "#lib/errors.ts";
import type { TicketStatus } from "#platform/database/ticket-tables.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { listTickets, TICKET_VIEWS, type TicketQuery, type TicketView } from "#tickets/list-tickets.ts";
import { STATUS_WORDS } from "#tickets/message-words.ts";
import { openTicket } from "#tickets/open-ticket.ts";
import { readTicket } from "#tickets/read-ticket.ts";
import { replyToTicket } from "#tickets/reply-to-ticket.ts";
import { updateTicket } from "#tickets/update-ticket.ts";
import type { Assets } from "#ui/assets.ts";
import { requirePermission } from "#users/permissions.ts";
import { getTicketDetails } from "./get-ticket-details.ts";
import { NEW_TICKET_FIELDS, NewTicketPage, type NewTicketValues } from "./new-ticket-page.tsx";
import type { TicketForms } from "./ticket-forms.ts";
import { TicketPage } from "./ticket-page.tsx";
import { TICKETS_ADDRESS, TicketsPage } from "./tickets-page.tsx";

type C = Context<SessionEnv>;

const PAGE_LENGTH = 50;
const NOTHING_WRITTEN: NewTicketValues = { subject: "", name: "", email: "", message: "", external_url: "" };

const HANDLING_FIELDS = [
  "status",
  "status_before",
  "assignee",
  "assignee_before",
  "external_url",
  "external_url_before",
] as const;

/** The list of tickets, a new one, and the page of each. */
export function ticketPagesRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(TICKETS_ADDRESS, async (c) => {
      requireSession(c);
      const query = readQuery(c);
      const page = await listTickets(deps, c.var.scope, query);
      const frame = await readFrame(deps, assets, c, "tickets");
      const { timeZone } = c.var.scope.instance;
      return c.html(<TicketsPage frame={frame} query={query} page={page} timeZone={timeZone} />);
    })
    .post(TICKETS_ADDRESS, (c) => open(deps, assets, c))
    .get(`${TICKETS_ADDRESS}/new`, (c) => showNew(deps, assets, c, { values: NOTHING_WRITTEN, faults: [] }))
    .get(`${TICKETS_ADDRESS}/:number`, (c) => showTicket(deps, assets, c))
    .post(`${TICKETS_ADDRESS}/:number`, (c) => save(deps, assets, c))
    .post(`${TICKETS_ADDRESS}/:number/account`, (c) => link(deps, assets, c))
    .post(`${TICKETS_ADDRESS}/:number/messages`, (c) => reply(deps, assets, c));
}

async function showNew(
  deps: Deps,
  assets: Assets,
  c: C,
  form: { values: NewTicketValues; faults: readonly FieldFault[] },
): Promise<Response> {
  requireSession(c);
  requirePermission(c.var.scope, "tickets.work");
  const frame = await readFrame(deps, assets, c, "tickets");
  return c.html(<NewTicketPage frame={frame} {...form} />, form.faults.length > 0 ? 422 : 200);
}

async function open(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const values = await readForm(c, NEW_TICKET_FIELDS);
  const { subject, name, email, message, external_url: externalUrl } = values;
  try {
    const { number } = await openTicket(deps, c.var.scope, {
      subject,
      message: message || undefined,
      requester: { name, email },
      externalUrl: externalUrl || undefined,
    });
    return c.redirect(`${TICKETS_ADDRESS}/${number}`, 303);
  } catch (error) {
    const faults = fieldFaultsOf(error).map((fault) => ({ ...fault, field: fault.field.replace("requester.", "") }));
    return showNew(deps, assets, c, { values, faults });
  }
}

async function showTicket(deps: Deps, assets: Assets, c: C, filled?: Partial<TicketForms>): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const details = await getTicketDetails(deps, scope, c.req.param("number") ?? "");
  const frame = await readFrame(deps, assets, c, "tickets");
  const forms = { text: "", account: "", externalUrl: details.ticket.externalUrl ?? "", faults: [], ...filled };
  const { timeZone } = scope.instance;
  return c.html(<TicketPage frame={frame} details={details} forms={forms} timeZone={timeZone} />, filled ? 422 : 200);
}

async function save(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const form = await readForm(c, HANDLING_FIELDS);
  const { ticket } = await readTicket(deps, c.var.scope, { number: c.req.param("number") ?? "" });
  const changes = {
    status: form.status !== form.status_before && isStatus(form.status) ? form.status : undefined,
    assigneeId: form.assignee === form.assignee_before ? undefined : form.assignee || null,
    externalUrl: form.external_url === form.external_url_before ? undefined : form.external_url || null,
  };
  try {
    await updateTicket(deps, c.var.scope, { ticketId: ticket.id, changes });
    return c.redirect(`${TICKETS_ADDRESS}/${ticket.number}`, 303);
  } catch (error) {
    return showTicket(deps, assets, c, { externalUrl: form.external_url, faults: fieldFaultsOf(error) });
  }
}

async function link(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { account: identifier } = await readForm(c, ["account"]);
  const { ticket } = await readTicket(deps, c.var.scope, { number: c.req.param("number") ?? "" });
  try {
    await updateTicket(deps, c.var.scope, { ticketId: ticket.id, changes: { account: { identifier } } });
    return c.redirect(`${TICKETS_ADDRESS}/${ticket.number}`, 303);
  } catch (error) {
    return showTicket(deps, assets, c, { account: identifier, faults: fieldFaultsOf(error) });
  }
}

async function reply(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { text } = await readForm(c, ["text"]);
  const { ticket } = await readTicket(deps, c.var.scope, { number: c.req.param("number") ?? "" });
  try {
    await replyToTicket(deps, c.var.scope, { ticketId: ticket.id, text });
    return c.redirect(`${TICKETS_ADDRESS}/${ticket.number}`, 303);
  } catch (error) {
    return showTicket(deps, assets, c, { text, faults: fieldFaultsOf(error) });
  }
}

function isStatus(text: string): text is TicketStatus {
  return Object.hasOwn(STATUS_WORDS, text);
}

/** A page forgives what it does not know in its address; the API does not. */
function readQuery(c: Context): TicketQuery<TicketView> {
  const { view = "", q, cursor } = c.req.query();
  return {
    view: Object.hasOwn(TICKET_VIEWS, view) ? (view as TicketView) : "open",
    q: q?.replaceAll("\0", "") || undefined,
    limit: PAGE_LENGTH,
    cursor: cursor || undefined,
  };
}
