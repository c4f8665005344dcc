import type { Context } from "hono";

import { invalidFields, type FieldFault, RekeyError } from "#lib/errors.ts";

/**
 * Reads a posted form. A field that comes twice or as a file is refused rather than guessed at.
 * @throws invalid_request, validation_failed
 */
export async function readForm<Name extends string>(c: Context, names: readonly Name[]): Promise<Record<Name, string>> {
  const body = await c.req.parseBody({ all: true }).catch((cause: unknown) => {
    throw new RekeyError("invalid_request", { cause });
  });
  const faults: FieldFault[] = [];
  const entries = names.map((name) => {
    const value = body[name] ?? "";
    if (typeof value !== "string")
      faults.push({ field: name, code: "repeated", detail: "It may be given once, as text." });
    return [name, typeof value === "string" ? value : ""] as const;
  });
  if (faults.length > 0) throw invalidFields(faults);
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** @returns every value of a field that may come several times, such as of ticked boxes. @throws invalid_request */
export async function readRepeated(c: Context, name: string): Promise<readonly string[]> {
  const body = await c.req.parseBody({ all: true }).catch((cause: unknown) => {
    throw new RekeyError("invalid_request", { cause });
  });
  return [body[name] ?? []].flat().filter((value) => typeof value === "string");
}
