import { findHashFault } from "#credentials/stored-hash.ts";
import { type FieldFault, RekeyError } from "#lib/errors.ts";
import { keepable, trimUnseen } from "#lib/text.ts";
import type { NewAccount } from "#user-management/add-users.ts";
import { findFieldFaults } from "#user-management/user-fields.ts";
import { ROLE_NAMES, ROLES } from "#users/roles.ts";
import {
  findColumn,
  PERSON_COLUMNS,
  type PersonColumn,
  type PersonField,
  simplify,
  soundsLikePasswords,
} from "./person-columns.ts";
import { CsvFault, type CsvRow, readCsv } from "./read-csv.ts";

/** So many people are checked and written in a few seconds, during which the embedded database does nothing else. */
export const MOST_PEOPLE = 20_000;

/** Somebody as the file describes them. Where there is a fault, what is wrong was left out or replaced. */
export interface Person {
  readonly line: number;
  readonly account: NewAccount;
}

export interface PeopleFile {
  readonly people: readonly Person[];
  /** All that is wrong with the file for itself, each with its line and the column as the file calls it. */
  readonly faults: readonly FieldFault[];
  /** @returns what the file's header calls a column. */
  readonly labelOf: (field: PersonField) => string;
}

/** A fault of a row, by the field's own name. */
type FaultOfField = Omit<FieldFault, "line">;
type Values = Readonly<Record<PersonField, string>>;

/**
 * Reads a list of people and looks for everything that is wrong with it, without knowing who has an account already.
 * @throws too_large
 */
export async function readPeople(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<PeopleFile> {
  const people: Person[] = [];
  const faults: FieldFault[] = [];
  let header: Header | undefined;
  try {
    for await (const row of readCsv(content)) {
      if (row.cells.every((cell) => trimUnseen(cell) === "")) continue;
      if (!header) {
        header = readHeader(row);
        faults.push(...header.faults);
        if (header.faults.length > 0) break; // Without knowing its columns nothing more can be said of a row.
      } else {
        if (people.length === MOST_PEOPLE) throw tooMany();
        const { person, wrong } = readPerson(row, header);
        people.push(person);
        faults.push(...wrong);
      }
    }
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    faults.push({ line: error.line, field: "", code: "unreadable", detail: error.message });
  }
  if (people.length === 0 && faults.length === 0) faults.push(nobody(header));
  return { people, faults, labelOf: (field) => labelIn(header, field) };
}

function tooMany(): RekeyError {
  return new RekeyError("too_large", {
    detail: `A file may have at most ${MOST_PEOPLE.toLocaleString("en")} people. Split it and import the parts.`,
  });
}

function nobody(header: Header | undefined): FieldFault {
  const detail = header ? "Nobody stands under the header." : "The file is empty. Choose one with a header and people.";
  return { line: 1, field: "", code: "missing", detail };
}

/** What the first row says of the columns. */
interface Header {
  /** In the order of the file. */
  readonly columns: readonly { readonly label: string; readonly field: PersonField }[];
  readonly faults: readonly FieldFault[];
}

function readHeader({ line, cells }: CsvRow): Header {
  const columns: { label: string; field: PersonField }[] = [];
  const faults: FieldFault[] = [];
  for (const [at, cell] of withoutEmptyEnd(cells).entries()) {
    const label = keepable(trimUnseen(cell)) || `Column ${at + 1}`;
    const column = findColumn(label);
    const refuse = (code: string, detail: string): void => void faults.push({ line, field: label, code, detail });
    const same = columns.find(({ field }) => field === column?.field);
    if (same) refuse("repeated", `This means the same as ${same.label}. Keep one of them.`);
    else if (column) columns.push({ label, field: column.field });
    else if (soundsLikePasswords(label)) refuse("password", NO_PASSWORDS);
    else refuse("unknown_field", `This column is not known here. Known are: ${KNOWN_COLUMNS}.`);
  }
  for (const { field, label } of PERSON_COLUMNS.filter(isRequired)) {
    if (columns.some((column) => column.field === field)) continue;
    faults.push({ line, field: label, code: "missing", detail: "This column is missing; every person needs it." });
  }
  return { columns, faults };
}

const KNOWN_COLUMNS = PERSON_COLUMNS.map(({ label }) => label).join(", ");

const NO_PASSWORDS =
  "Passwords themselves are not taken, only their hashes, in a column Password Hash. Remove this column; people without a hash are sent an invitation to set a password.";

function labelIn(header: Header | undefined, field: string): string {
  const own = header?.columns.find((column) => column.field === field)?.label;
  return own ?? PERSON_COLUMNS.find((column) => column.field === field)?.label ?? field;
}

function isRequired(column: PersonColumn): boolean {
  return column.isRequired === true;
}

function readPerson({ line, cells }: CsvRow, header: Header): { person: Person; wrong: readonly FieldFault[] } {
  const given = new Map(header.columns.map(({ field }, at) => [field, trimUnseen(cells[at] ?? "")]));
  const values = Object.fromEntries(PERSON_COLUMNS.map(({ field }) => [field, given.get(field) ?? ""])) as Values;
  const account = toAccount(values);
  const wrong = findFaults(values, account).map((fault) => ({ ...fault, line, field: labelIn(header, fault.field) }));
  const surplus = withoutEmptyEnd(cells).length - header.columns.length;
  return { person: { line, account }, wrong: surplus > 0 ? [surplusFault(line, cells, header), ...wrong] : wrong };
}

function surplusFault(line: number, cells: readonly string[], header: Header): FieldFault {
  const [has, expected] = [withoutEmptyEnd(cells).length, header.columns.length];
  const detail = `This row has ${has} cells under ${expected} columns. Put quotation marks around a cell that has a comma or a semicolon in it.`;
  return { line, field: "", code: "too_many_cells", detail };
}

/** A row may end in delimiters that nothing follows, as spreadsheets write it. */
function withoutEmptyEnd(cells: readonly string[]): readonly string[] {
  return cells.slice(0, cells.findLastIndex((cell) => trimUnseen(cell) !== "") + 1);
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
    passwordHash: values.password_hash || undefined,
  };
}

/** The same rules as for making one user, and those that only a file can break. */
function findFaults(values: Values, account: NewAccount): readonly FaultOfField[] {
  const empty = PERSON_COLUMNS.filter((column) => isRequired(column) && !values[column.field]).map(
    ({ field }) => field,
  );
  const faults: FaultOfField[] = empty.map((field) => ({ field, code: "missing", detail: "Everybody needs one." }));
  faults.push(...findFieldFaults(account).filter(({ field }) => !empty.some((each) => each === field)));
  if (values.role && simplify(values.role) !== simplify(ROLES[account.role].label))
    faults.push({ field: "role", code: "unknown", detail: "Use Owner, Admin, Support, Member or No Access." });
  if (values.status && simplify(values.status) !== account.status)
    faults.push({ field: "status", code: "unknown", detail: "Use Active or Inactive." });
  const hashFault = account.passwordHash === undefined ? undefined : findHashFault(account.passwordHash);
  if (hashFault) faults.push({ field: "password_hash", ...hashFault });
  return faults;
}
