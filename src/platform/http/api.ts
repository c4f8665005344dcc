import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Env } from "hono";
import type { ZodError } from "zod";

import { type FieldFault, RekeyError } from "#lib/errors.ts";
import { hasControlCharacter } from "#lib/text.ts";

/** More than any operation has fields, and longer than any of their names: what an answer tells of, and no more. */
const MOST_FAULTS = 100;
const LONGEST_FIELD = 100;

/** One feature's part of the JSON API. What its schemas refuse becomes the same refusals as everywhere else. */
export function createApi<E extends Env>(): OpenAPIHono<E> {
  return new OpenAPIHono<E>({
    defaultHook: (result) => {
      if (!result.success) throw refusalOf(result.error);
    },
  });
}

/** A line of text that people read: at most `longest` characters, none of them a control character. */
export function textOf(longest: number) {
  return z
    .string()
    .max(longest, `It may have at most ${longest} characters.`)
    .refine((text) => !hasControlCharacter(text) && text.isWellFormed(), "It holds characters that are not text.");
}

/** The query of an operation that takes none: a key that is not known is refused rather than passed over. */
export const noQuery = z.strictObject({});

/** The answer to what is refused (RFC 9457). */
const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    expired_at: z.string().optional(),
    approval_id: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), detail: z.string() })).optional(),
  })
  .openapi("Problem");

/** @returns the JSON body that an operation takes, for its description. */
export function bodyOf<S extends z.ZodType>(schema: S, { required = true }: { required?: boolean } = {}) {
  return { required, content: { "application/json": { schema } } };
}

/** @returns a JSON answer, for a route's description. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** Of an operation that anybody may call (OpenAPI 3.1, "Operation Object"). */
export const PUBLIC: SecurityRequirements = [];

/** Of an operation for a person in a browser, which takes no API key. */
export const SESSION_ONLY: SecurityRequirements = [{ session: [] }];

type SecurityRequirements = Record<string, string[]>[];

/** @returns the refusals that an operation may answer with, for its description: those of its own, and any that all have. */
export function problems(...statuses: readonly number[]) {
  const refused = { description: "Refused", content: { "application/problem+json": { schema: problemSchema } } };
  return Object.fromEntries([...statuses, "default"].map((status) => [status, refused]));
}

function refusalOf(error: ZodError): RekeyError {
  const unknown = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key].join(".")) : [],
  );
  if (unknown.length > 0) {
    const detail = "This field is not known here.";
    return new RekeyError("unknown_field", {
      fields: listed(unknown, (field) => ({ field, code: "unknown_field", detail })),
    });
  }
  const fields = listed(error.issues, ({ path, code, message }) => ({ field: path.join("."), code, detail: message }));
  return new RekeyError("validation_failed", { fields });
}

/** @returns what is wrong with each, of no more than an operation has: a body of nothing but faults is not answered at its length. */
function listed<T>(faults: readonly T[], faultOf: (fault: T) => FieldFault): readonly FieldFault[] {
  return faults
    .slice(0, MOST_FAULTS)
    .map(faultOf)
    .map((fault) => ({ ...fault, field: fault.field.slice(0, LONGEST_FIELD) }));
}
