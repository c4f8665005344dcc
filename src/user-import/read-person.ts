import { findHashFault } from "#credentials/stored-hash.ts";
import type { FieldFault } from "#lib/errors.ts";
import { trimUnseen } from "#lib/text.ts";
import type { NewAccount } from "#user-management/add-users.ts";
import { findFieldFaults } from "#user-management/user-fields.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import { PERSON_COLUMNS, type PersonField, simplify } from "./person-columns.ts";
import type { CsvRow } from "./read-csv.ts";
import { type Header, labelIn, withoutEmptyEnd } from "./read-header.ts";

/** Somebody as the file describes them. Where there is a fault, what is wrong was left out or replaced. */
export interface Person {
  readonly line: number;
  readonly account: NewAccount;
}

type Values = Readonly<Record<PersonField, string>>;

/** @returns the person of a row, and everything that is wrong with it, by the column as the file calls it. */
export function readPerson({ line, cells }: CsvRow, header: Header): { person: Person; faults: readonly FieldFault[] } {
  const given = new Map(header.columns.map(({ field }, at) => [field, trimUnseen(cells[at] ?? "")]));
  const values = Object.fromEntries(PERSON_COLUMNS.map(({ field }) => [field, given.get(field) ?? ""])) as Values;
  const account = toAccount(values);
  const faults = findFaults(values, account).map((fault) => ({ ...fault, line, field: labelIn(header, fault.field) }));
  return { person: { line, account }, faults: [...findSurplus({ line, cells }, header), ...faults] };
}

function findSurplus({ line, cells }: CsvRow, header: Header): readonly FieldFault[] {
  const [has, expected] = [withoutEmptyEnd(cells).length, header.columns.length];
  if (has <= expected) return [];
  const detail = `This row has ${has} cells under ${expected} columns. Put quotation marks around a cell that has a comma or a semicolon in it.`;
  return [{ line, field: "", code: "too_many_cells", detail }];
}

function toAccount(values: Values): NewAccount {
  return {
    email: values.email,
    firstName: values.first_name,
    lastName: values.last_name,
    username: values.username || undefined,
    role: ROLE_NAMES.find((role) => simplify(ROLES[role].label) === simplify(values.role)) ?? "member",
    status: simplify(values.status) === "inactive" ? "inactive" : "active",
    title: values.title,
    department: values.department,
    phone: values.phone,
    mobile: values.mobile,
    timeZone: values.time_zone,
    locale: values.locale.replaceAll("_", "-"), // Other programs write en_us.
    reportsTo: values.reports_to ? { identifier: values.reports_to } : null,
    passwordHash: values.password_hash || undefined,
  };
}

/** The same rules as for making one user, and those that only a file can break. */
function findFaults(values: Values, account: NewAccount): readonly FieldFault[] {
  const empty = PERSON_COLUMNS.filter(({ field, isRequired }) => isRequired && !values[field]);
  const isFilled = ({ field }: FieldFault): boolean => !empty.some((column) => column.field === field);
  const faults: FieldFault[] = empty.map(({ field }) => ({ field, code: "missing", detail: "Everybody needs one." }));
  faults.push(...findFieldFaults(account).filter(isFilled));
  if (values.role && simplify(values.role) !== simplify(ROLES[account.role].label))
    faults.push({ field: "role", code: "unknown", detail: "Use Owner, Admin, Support, Member or No Access." });
  if (values.status && simplify(values.status) !== account.status)
    faults.push({ field: "status", code: "unknown", detail: "Use Active or Inactive." });
  const hashFault = account.passwordHash === undefined ? undefined : findHashFault(account.passwordHash);
  if (hashFault) faults.push({ field: "password_hash", ...hashFault });
  return faults;
}
