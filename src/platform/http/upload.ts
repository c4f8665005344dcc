import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { Busboy, type BusboyInstance } from "@fastify/busboy";
import type { Context } from "hono";

import { RekeyError } from "#lib/errors.ts";

/** A posted form with a file. */
export interface Upload<Name extends string> {
  readonly fields: Readonly<Record<Name, string>>;
  /** The content of the file, as it arrives. */
  readonly content: AsyncIterable<Uint8Array>;
  /** Takes in what nobody read: a browser shows no answer before it has sent everything. */
  readonly discardRest: () => void;
}

/** Far above what a page's form has beside its file. */
const LIMITS = { files: 1, fields: 20, fieldSize: 1_000, headerPairs: 20 };

/**
 * Reads a posted form up to its file, so that the file can be worked on while it arrives and is never held whole. A form's fields
 * arrive in the order in which they stand on the page: the file has to be the last. Call `discardRest` in the end, come what may.
 * @throws invalid_request when it is no such form, or has no file.
 */
export async function readUpload<Name extends string>(c: Context, names: readonly Name[]): Promise<Upload<Name>> {
  const fields = Object.fromEntries(names.map((name) => [name, ""])) as Record<Name, string>;
  const { promise, resolve, reject } = Promise.withResolvers<Upload<Name>>();
  const refuse = (cause?: unknown): void => reject(new RekeyError("invalid_request", { cause }));
  const form = openForm(c.req.header("Content-Type") ?? "");
  form.on("field", (given: string, value: string) => {
    const name = names.find((each) => each === given);
    if (name !== undefined) fields[name] = value;
  });
  form.on("file", (_: string, file: Readable) => {
    resolve({ fields, content: arriving(file), discardRest: () => file.resume() });
  });
  form.on("finish", () => refuse());
  pipeline(Readable.from(c.req.raw.body ?? []), form).catch(refuse);
  return promise;
}

function openForm(type: string): BusboyInstance {
  if (!/^multipart\/form-data\b/i.test(type)) throw new RekeyError("invalid_request");
  try {
    return new Busboy({ headers: { "content-type": type }, limits: LIMITS });
  } catch (cause) {
    throw new RekeyError("invalid_request", { cause });
  }
}

async function* arriving(file: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* file.iterator({ destroyOnReturn: false });
  } catch (cause) {
    throw new RekeyError("invalid_request", { detail: "The file did not arrive whole. Send it again.", cause });
  }
}
