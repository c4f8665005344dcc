import type { Context } from "hono";
import type { JSX } from "hono/jsx/jsx-runtime";

import { readForm } from "#platform/http/form.ts";
import { returnPath } from "#sessions/return-path.ts";

/** Where an act on a user was begun: on the list or the profile, or in a ticket, which then goes along with the act. */
export interface ActedFrom {
  /** The page to come back to without script. */
  readonly returnTo: string;
  readonly ticketId: string | undefined;
}

const FIELDS = ["ticket_id", "return_to"] as const;

/** @returns where the act was begun, as the address of its page or its form says. */
export async function readActedFrom(c: Context, userId: string): Promise<ActedFrom> {
  const isForm = c.req.method === "POST";
  const given = isForm
    ? await readForm(c, FIELDS)
    : { ticket_id: c.req.query("ticket_id"), return_to: c.req.query("return_to") };
  const { ticket_id: ticketId, return_to: returnTo } = given;
  return { returnTo: returnPath(returnTo ?? "", `/settings/users/${userId}`), ticketId: ticketId || undefined };
}

/** @returns what goes along to the page or form of the act. */
export function fieldsOf({ returnTo, ticketId }: ActedFrom): Record<string, string> {
  return { return_to: returnTo, ...(ticketId !== undefined && { ticket_id: ticketId }) };
}

/** Carries it through the form. */
export function ActedFromFields({ from }: { readonly from: ActedFrom }): JSX.Element {
  return (
    <>
      {Object.entries(fieldsOf(from)).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
