import { RekeyError } from "#lib/errors.ts";

/** More than any list of people needs: 20,000 of them with hashes are 5 MB. */
export const LARGEST_FILE_BYTES = 10 * 1024 * 1024;

export interface CsvRow {
  /** The line of the file where the row begins, counted from 1; a row may span several. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** From this line on the text makes no sense, so that nothing after it can be read. */
export class CsvFault extends Error {
  readonly line: number;

  constructor(line: number, detail: string) {
    super(detail);
    this.name = "CsvFault";
    this.line = line;
  }
}

const NOT_UTF8 =
  "From here on the file is not UTF-8. In a spreadsheet, save it as “CSV UTF-8”; then accents survive, too.";
const NEVER_CLOSED =
  "A quotation mark opens a cell here and none closes it. Close it, or write it twice where it is meant.";
/** Far more than there are columns, far fewer than would keep everybody else waiting. */
const MOST_CELLS = 100;
const TOO_WIDE = `This line has more than ${MOST_CELLS} cells. Is it the right file?`;
const AFTER_QUOTE = "Something follows a closing quotation mark. Write a quotation mark within a cell twice.";

/** What may mean something, one by one, and everything between at once. */
const PIECES = /[^",;\t\r\n\0\uFFFD]+|./gs;

/**
 * Reads a table as it arrives (RFC 4180), with commas, semicolons or tabs, whichever the header has first, any kind of line
 * end, with or without byte order mark. Blank lines are passed over.
 *
 * Written out here because csv-parse 7.0.3 counts a CR LF within quotation marks as two lines, and a fault must name its line.
 * @throws CsvFault, too_large
 */
export async function* readCsv(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const reader = new RowReader();
  for await (const text of decode(content)) yield* reader.read(text);
  yield* reader.end();
}

/** What is no UTF-8 becomes U+FFFD, which the reader refuses on the line where it stands. */
async function* decode(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_FILE_BYTES) throw fileTooLarge();
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

/** @returns the refusal of a file that is larger than any list of people. */
export function fileTooLarge(): RekeyError {
  const megabytes = LARGEST_FILE_BYTES / 1024 / 1024;
  return new RekeyError("too_large", {
    detail: `A file may have at most ${megabytes} MB. Split it and import the parts.`,
  });
}

/** One piece of text after the other, wherever the file was cut on its way. */
class RowReader {
  #delimiter: string | undefined;
  #line = 1;
  #cells: string[] = [];
  #cell = "";
  #place: "start" | "plain" | "quoted" | "closed" = "start";
  #previous = "";
  #rowBeganAt = 1;
  #quoteOpenedAt = 1;

  *read(text: string): Generator<CsvRow> {
    for (const [piece] of text.matchAll(PIECES)) {
      if (piece === "\uFFFD" || piece === "\0") throw new CsvFault(this.#line, NOT_UTF8);
      // The LF of a CR LF ends nothing that the CR has not ended.
      const isSecondOfTwo = piece === "\n" && this.#previous === "\r";
      const endsLine = piece === "\r" || (piece === "\n" && !isSecondOfTwo);
      this.#previous = piece;
      if (endsLine) this.#line += 1;
      if (this.#place === "quoted") this.#readQuoted(piece);
      else if (endsLine) yield* this.#endRow();
      else if (!isSecondOfTwo) this.#readPlain(piece);
    }
  }

  *end(): Generator<CsvRow> {
    if (this.#place === "quoted") throw new CsvFault(this.#quoteOpenedAt, NEVER_CLOSED);
    yield* this.#endRow();
  }

  #readQuoted(piece: string): void {
    if (piece === '"') this.#place = "closed";
    else this.#cell += piece;
  }

  #readPlain(piece: string): void {
    if (this.#isDelimiter(piece)) {
      this.#endCell();
    } else if (piece === '"' && this.#place === "start") {
      this.#place = "quoted";
      this.#quoteOpenedAt = this.#line;
    } else if (piece === '"' && this.#place === "closed") {
      this.#place = "quoted";
      this.#cell += '"';
    } else if (this.#place === "closed") {
      throw new CsvFault(this.#line, AFTER_QUOTE);
    } else {
      this.#place = "plain";
      this.#cell += piece;
    }
  }

  #isDelimiter(piece: string): boolean {
    if (this.#delimiter === undefined && /^[,;\t]$/.test(piece)) this.#delimiter = piece;
    return piece === this.#delimiter;
  }

  #endCell(): void {
    if (this.#cells.length === MOST_CELLS) throw new CsvFault(this.#line, TOO_WIDE);
    this.#cells.push(this.#cell);
    this.#cell = "";
    this.#place = "start";
  }

  *#endRow(): Generator<CsvRow> {
    const isBlank = this.#place === "start" && this.#cells.length === 0;
    if (!isBlank) {
      this.#endCell();
      yield { line: this.#rowBeganAt, cells: this.#cells };
      this.#cells = [];
    }
    this.#rowBeganAt = this.#line;
  }
}
