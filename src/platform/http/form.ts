import type { Context } from "hono";

import { invalidFields, type FieldFault, RekeyError } from "#lib/errors.ts";

type Fields = ReadonlyMap<string, readonly unknown[]>;

/**
 * Reads a posted form. A field that comes twice or as a file is refused rather than guessed at.
 * @throws invalid_request, validation_failed
 */
export async function readForm<Name extends string>(c: Context, names: readonly Name[]): Promise<Record<Name, string>> {
  const fields = await readFields(c);
  const faults: FieldFault[] = [];
  const entries = names.map((name) => {
    const [value = "", ...more] = fields.get(name) ?? [];
    const isText = typeof value === "string" && more.length === 0;
    if (!isText) faults.push({ field: name, code: "repeated", detail: "It may be given once, as text." });
    return [name, isText ? value : ""] as const;
  });
  if (faults.length > 0) throw invalidFields(faults);
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** @returns every value of a field that may come several times, such as of ticked boxes. @throws invalid_request */
export async function readRepeated(c: Context, name: string): Promise<readonly string[]> {
  const values = (await readFields(c)).get(name) ?? [];
  return values.filter((value) => typeof value === "string");
}

/** @returns the form as a browser would encode it once more; files are left out. @throws invalid_request */
export async function encodeForm(c: Context): Promise<string> {
  const entries = [...(await readFields(c))].flatMap(([name, values]) =>
    values.flatMap((value) => (typeof value === "string" ? [[name, value]] : [])),
  );
  return new URLSearchParams(entries).toString();
}

/** The usual encoding is read by what takes a step for each field: what reads both takes as many steps as their square. */
async function readFields(c: Context): Promise<Fields> {
  const type = c.req.header("Content-Type") ?? "";
  try {
    const entries = /^multipart\/form-data\b/i.test(type)
      ? await new Response(await c.req.arrayBuffer(), { headers: { "Content-Type": type } }).formData()
      : new URLSearchParams(/^application\/x-www-form-urlencoded\b/i.test(type) ? await c.req.text() : "");
    const fields = new Map<string, unknown[]>();
    for (const [name, value] of entries) {
      const values = fields.get(name);
      if (values === undefined) fields.set(name, [value]);
      else values.push(value);
    }
    return fields;
  } catch (cause) {
    throw new RekeyError("invalid_request", { cause });
  }
}
