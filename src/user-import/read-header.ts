import type { FieldFault } from "#lib/errors.ts";
import { keepable, trimUnseen } from "#lib/text.ts";
import { findColumn, PERSON_COLUMNS, type PersonField, soundsLikePasswords } from "./person-columns.ts";
import type { CsvRow } from "./read-csv.ts";

/** What the first row of a file says of its columns. */
export interface Header {
  /** In the order of the file, each with what the file calls it. */
  readonly columns: readonly { readonly label: string; readonly field: PersonField }[];
  readonly faults: readonly FieldFault[];
}

const KNOWN_COLUMNS = PERSON_COLUMNS.map(({ label }) => label).join(", ");

const NO_PASSWORDS =
  "Passwords themselves are not taken, only their hashes, in a column Password Hash. Remove this column; people without a hash are sent an invitation to set a password.";

/** @returns the columns that the row names, and what is wrong with them: with any fault, no other row can be understood. */
export function readHeader({ line, cells }: CsvRow): Header {
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
  const missing = PERSON_COLUMNS.filter(
    ({ isRequired, field }) => isRequired && !columns.some((column) => column.field === field),
  );
  const detail = "This column is missing; every person needs it.";
  faults.push(...missing.map(({ label }) => ({ line, field: label, code: "missing", detail })));
  return { columns, faults };
}

/** @returns what the file calls a column; what we call it where the file has none. */
export function labelIn(header: Header | undefined, field: string): string {
  const own = header?.columns.find((column) => column.field === field)?.label;
  return own ?? PERSON_COLUMNS.find((column) => column.field === field)?.label ?? field;
}

/** @returns the cells up to the last that has something in it: spreadsheets end rows in delimiters that nothing follows. */
export function withoutEmptyEnd(cells: readonly string[]): readonly string[] {
  return cells.slice(0, cells.findLastIndex((cell) => trimUnseen(cell) !== "") + 1);
}
