import { type FieldFault, invalidFields } from "#lib/errors.ts";
import { findLineFault, findTextFault } from "#lib/fields.ts";
import { trimUnseen } from "#lib/text.ts";
import { isAddress } from "#users/address.ts";

/** What people write about a ticket; what is left out is not judged. */
interface TicketFields {
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly externalUrl?: string | null | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** By what the API calls them, where that differs. */
type FieldNames = Partial<Record<keyof TicketFields, string>>;

const LONGEST_SUBJECT = 200;
const LONGEST_TEXT = 4_000;
const LONGEST_NAME = 200;
const LONGEST_URL = 2_000;

/** @throws validation_failed with everything that is wrong with those of the fields that are given. */
export function requireTicketFields(fields: TicketFields, names: FieldNames = {}): void {
  const { subject, text, externalUrl, name, email } = fields;
  const named = (field: keyof TicketFields): string => names[field] ?? field;
  const faults = [
    subject !== undefined && findMissing(named("subject"), subject, "Say in a few words what it is about."),
    subject !== undefined && findLineFault(named("subject"), subject, LONGEST_SUBJECT),
    text !== undefined && findMissing(named("text"), text, "Write something."),
    text !== undefined && findTextFault(named("text"), text, LONGEST_TEXT),
    name !== undefined && findMissing(named("name"), name, "Enter the name."),
    name !== undefined && findLineFault(named("name"), name, LONGEST_NAME),
    email !== undefined && findAddressFault(named("email"), email),
    typeof externalUrl === "string" && findUrlFault(named("externalUrl"), externalUrl),
  ].filter((fault) => typeof fault === "object");
  if (faults.length > 0) throw invalidFields(faults);
}

/** @returns a subject for what came without one: how it begins. */
export function subjectOf(text: string): string {
  const [line = ""] = trimUnseen(text).split(/[\r\n]/, 1);
  const words = line.replace(/\p{Cc}/gu, " ");
  return [...words].length > 80 ? `${[...words].slice(0, 79).join("")}…` : words;
}

function findMissing(field: string, text: string, detail: string): FieldFault | undefined {
  return trimUnseen(text) ? undefined : { field, code: "missing", detail };
}

function findAddressFault(field: string, email: string): FieldFault | undefined {
  if (isAddress(email)) return undefined;
  const detail = "This is not an address. It looks like maria@oak.example, without spaces.";
  return { field, code: "malformed", detail };
}

/** Anything but a web address, such as `javascript:`, would do something else when somebody follows it. */
function findUrlFault(field: string, url: string): FieldFault | undefined {
  const scheme = URL.parse(url)?.protocol;
  if (scheme === "https:" || scheme === "http:") return findLineFault(field, url, LONGEST_URL);
  return { field, code: "malformed", detail: "This is not a web address. It begins with https://." };
}
