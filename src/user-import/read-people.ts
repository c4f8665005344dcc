import { type FieldFault, RekeyError } from "#lib/errors.ts";
import { trimUnseen } from "#lib/text.ts";
import type { PersonField } from "./person-columns.ts";
import { CsvFault, type CsvRow, readCsv } from "./read-csv.ts";
import { type Header, labelIn, readHeader } from "./read-header.ts";
import { type Person, readPerson } from "./read-person.ts";

/** So many people are checked and written in some five seconds, during which the embedded database does nothing else. */
export const MOST_PEOPLE = 20_000;

export interface PeopleFile {
  readonly people: readonly Person[];
  /** All that is wrong with the file for itself, each with its line and the column as the file calls it. */
  readonly faults: readonly FieldFault[];
  /** @returns what the file calls a column. */
  readonly labelOf: (field: PersonField) => string;
}

/**
 * Reads a list of people and looks for everything that is wrong with it, without knowing who has an account already.
 * @throws too_large
 */
export async function readPeople(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<PeopleFile> {
  const { rows, faults } = await readRows(content);
  const [first, ...others] = rows;
  const header = first && readHeader(first);
  const labelOf = (field: PersonField): string => labelIn(header, field);
  if (header && header.faults.length > 0) return { people: [], faults: header.faults, labelOf };
  const read = header ? others.map((row) => readPerson(row, header)) : [];
  const isEmpty = read.length === 0 && faults.length === 0;
  return {
    people: read.map(({ person }) => person),
    faults: [...read.flatMap((each) => each.faults), ...faults, ...(isEmpty ? [nobody(header)] : [])],
    labelOf,
  };
}

/** What can be read of the table; that it cannot be read to its end is a fault. */
async function readRows(
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<{ rows: readonly CsvRow[]; faults: readonly FieldFault[] }> {
  const rows: CsvRow[] = [];
  try {
    for await (const row of readCsv(content)) {
      if (row.cells.every((cell) => trimUnseen(cell) === "")) continue;
      if (rows.length > MOST_PEOPLE) throw tooMany();
      rows.push(row);
    }
    return { rows, faults: [] };
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    return { rows, faults: [{ line: error.line, field: "", code: "unreadable", detail: error.message }] };
  }
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
