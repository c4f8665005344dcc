import assert from "node:assert/strict";

import { z } from "zod";

import type { Answer } from "./http.ts";

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
}

type Json = Readonly<Record<string, unknown>>;

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, Described> }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** What an answer may be: none of a body, or one of a type and a shape. */
interface Promised {
  readonly type: string | undefined;
  readonly schema: z.ZodType | undefined;
}

/** The OpenAPI document as something that answers are held against. */
export interface Contract {
  /** @throws AssertionError when the document does not say that this operation may answer like this. */
  requireKept(method: string, target: string, answer: Answer): void;
}

/** @returns the contract of an answer of `/api/openapi.json`. Fields that a shape does not name break it. */
export function readContract(answer: Answer): Contract {
  const document = answer.json() as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      responses: new Map(Object.entries(responses).map(([status, each]) => [status, promiseOf(document, each)])),
    })),
  );
  return {
    requireKept(method, target, given) {
      const [path = ""] = target.split("?");
      const operation = operations.find((each) => each.method === method && each.pattern.test(path));
      if (!operation) return; // An address that is none of the API's answers by the rules of all pages.
      const promised = operation.responses.get(String(given.status)) ?? operation.responses.get("default");
      const said = `${method} ${path} answered ${given.status} ${given.text.slice(0, 1_000)}`;
      assert(promised, `${said}, which its document does not name`);
      assert.equal(given.headers["content-type"]?.split(";")[0], promised.type, said);
      if (!promised.schema) return assert.equal(given.text, "", said);
      const { success, error } = promised.schema.safeParse(promised.type?.endsWith("json") ? given.json() : given.text);
      assert(success, `${said}\n${error && z.prettifyError(error)}`);
    },
  };
}

function promiseOf(document: Document, { content = {} }: Described): Promised {
  const [type, body] = Object.entries(content)[0] ?? [];
  const schema = body && z.fromJSONSchema(inline(document, body.schema) as JsonSchema);
  return { type, schema };
}

/** Puts every named shape where it is named, and closes each object against fields that it does not name. */
function inline(document: Document, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((each) => inline(document, each));
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref: ref, ...rest } = schema as Json;
  if (typeof ref === "string") return inline(document, document.components.schemas[ref.split("/").at(-1) ?? ""]);
  const inlined = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, inline(document, value)]));
  return inlined.properties && inlined.additionalProperties === undefined
    ? { ...inlined, additionalProperties: false }
    : inlined;
}
