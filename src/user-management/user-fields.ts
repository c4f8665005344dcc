import { type FieldFault, invalidFields } from "#lib/errors.ts";
import { findLineFault } from "#lib/fields.ts";
import { fold, foldAccents, trimUnseen } from "#lib/text.ts";
import { isAddress } from "#users/address.ts";
import { findPreferenceFaults } from "#users/preferences.ts";

/** What an administrator writes down about a user. */
export interface UserFields {
  readonly email: string;
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly title?: string | null | undefined;
  readonly department?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly mobile?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
}

/** Those that are given; what is left out is neither judged nor changed. */
export type SomeFields = { readonly [Field in keyof UserFields]?: UserFields[Field] | undefined };

/** The lines of text among them, by the names that the API has for them, and how many characters each may have. */
const LINES = [
  { name: "first_name", field: "firstName", longest: 100 },
  { name: "last_name", field: "lastName", longest: 100 },
  { name: "title", field: "title", longest: 100 },
  { name: "department", field: "department", longest: 100 },
  { name: "phone", field: "phone", longest: 50 },
  { name: "mobile", field: "mobile", longest: 50 },
] as const;

/** @returns what is wrong with those of the fields that are given, by the names that the API has for them. */
export function findFieldFaults(fields: SomeFields): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  const refuse = (field: string, code: string, detail: string): void => void faults.push({ field, code, detail });
  const { email, username } = fields;
  if (email !== undefined && !isAddress(email))
    refuse("email", "malformed", "This is not an address. It looks like maria@oak.example, without spaces.");
  if (fields.firstName !== undefined && !trimUnseen(fields.firstName))
    refuse("first_name", "missing", "Enter the first name.");
  if (fields.lastName !== undefined && !trimUnseen(fields.lastName))
    refuse("last_name", "missing", "Enter the last name.");
  for (const { name, field, longest } of LINES) {
    const fault = findLineFault(name, trimUnseen(fields[field] ?? ""), longest);
    if (fault) faults.push(fault);
  }
  if (username !== undefined && !isUsername(username)) {
    const detail = "Use 1 to 64 letters, digits, dots, hyphens or underscores, without @ and without spaces.";
    refuse("username", "malformed", detail);
  }
  return [...faults, ...findPreferenceFaults(fields)];
}

/** @throws validation_failed with everything that is wrong with those of the fields that are given. */
export function requireValidFields(fields: SomeFields): void {
  const faults = findFieldFaults(fields);
  if (faults.length > 0) throw invalidFields(faults);
}

/** @returns the fields as they are kept: names and address without unseen edges, nothing where nothing was written. */
export function toColumns(fields: UserFields) {
  const [firstName, lastName] = [trimUnseen(fields.firstName), trimUnseen(fields.lastName)];
  const email = trimUnseen(fields.email).normalize("NFC");
  const { username } = fields;
  return {
    email,
    email_key: fold(email),
    username,
    username_key: fold(username),
    first_name: firstName,
    last_name: lastName,
    name_key: foldAccents(`${firstName} ${lastName}`),
    search_text: [`${firstName} ${lastName}`, email, username].map(foldAccents).join("\n"),
    title: fields.title || null,
    department: fields.department || null,
    phone: fields.phone || null,
    mobile: fields.mobile || null,
    locale: fields.locale || null,
    time_zone: fields.timeZone || null,
  };
}

function isUsername(text: string): boolean {
  return /^[\p{L}\p{N}._-]{1,64}$/u.test(text);
}
