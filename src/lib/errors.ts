import { type ErrorCode, ERRORS } from "./error-codes.ts";

/** What is wrong with one field of a form or a request: the field's name as the API calls it, a stable code, words for a person. */
export interface FieldFault {
  readonly field: string;
  /** Of a file, counted from 1; the field is then a column as the file calls it, or empty where the whole line is meant. */
  readonly line?: number;
  readonly code: string;
  readonly detail: string;
}

interface Particulars {
  /** Both replace the row's where this case knows better. */
  readonly title?: string;
  readonly detail?: string;
  readonly fields?: readonly FieldFault[];
  /** Members added to the problem document, such as `expired_at`. */
  readonly members?: Readonly<Record<string, string | number>>;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** A refusal. `refusal.tsx` and the command line turn it into an answer, unless a page has a better one, such as a form with its faults. */
export class RekeyError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly fields: readonly FieldFault[];
  readonly members: Readonly<Record<string, string | number>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, particulars: Particulars = {}) {
    super(code, particulars.cause === undefined ? undefined : { cause: particulars.cause });
    const row = ERRORS[code];
    this.name = "RekeyError";
    this.code = code;
    this.status = row.status;
    this.title = particulars.title ?? row.title;
    this.detail = particulars.detail ?? waitWords(code, particulars.retryAfterSeconds) ?? row.detail;
    this.fields = particulars.fields ?? [];
    this.members = particulars.members ?? {};
    this.retryAfterSeconds = particulars.retryAfterSeconds;
  }
}

/** @returns how long to wait, to whoever has to for so long that they would wonder. */
function waitWords(code: ErrorCode, retryAfterSeconds = 0): string | undefined {
  if (code !== "too_many_requests" || retryAfterSeconds <= 60) return undefined;
  return `Wait ${Math.ceil(retryAfterSeconds / 60)} minutes and try again.`;
}

/** @returns what happened, in words, by the code of a refusal; undefined for what is none. */
export function findTitle(code: string): string | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].title : undefined;
}

/** @returns what is wrong with the fields of what somebody sent; whatever else went wrong is thrown on. */
export function fieldFaultsOf(error: unknown): readonly FieldFault[] {
  if (error instanceof RekeyError && error.status === 422) return error.fields;
  throw error;
}

/** @returns the refusal for a form or request in which these fields are wrong. */
export function invalidFields(fields: readonly FieldFault[]): RekeyError {
  return new RekeyError("validation_failed", { fields });
}
