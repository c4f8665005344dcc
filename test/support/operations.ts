import type { Answer, RequestOptions } from "./http.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema?: Schema;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

interface OperationObject {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly "application/json"?: { readonly schema: Schema } } };
}

/** One call of the API, as its own document describes it. */
export interface Operation {
  /** Such as `get`. */
  readonly method: string;
  /** Such as `/api/v1/users/{id}`. */
  readonly path: string;
  /** Every place of the request that takes an id. */
  readonly idSlots: readonly { readonly in: "path" | "query" | "body"; readonly name: string }[];
  /** A body that the schema takes; undefined where there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** @returns every operation of an answer of `/api/openapi.json`. */
export function operationsOf(answer: Answer): readonly Operation[] {
  const { paths } = answer.json() as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => describe(method, path, operation)),
  );
}

/** @returns a request of the operation with the id in that slot, and where to send it. */
export function requestWith(
  operation: Operation,
  slot: Operation["idSlots"][number],
  id: string,
): { target: string; options: RequestOptions } {
  const path = slot.in === "path" ? operation.path.replace(`{${slot.name}}`, id) : operation.path;
  const target = slot.in === "query" ? `${path}?${slot.name}=${id}` : path;
  const body = slot.in === "body" ? { ...operation.body, [slot.name]: id } : operation.body;
  return { target, options: { method: operation.method.toUpperCase(), ...(body && { json: body }) } };
}

function describe(method: string, path: string, { parameters = [], requestBody }: OperationObject): Operation {
  const schema = requestBody?.content["application/json"]?.schema;
  const properties = Object.entries(schema?.properties ?? {});
  const inAddress = parameters.flatMap(({ name, in: place, schema: of }) =>
    place === "path" || (place === "query" && takesId(name, of)) ? [{ in: place, name }] : [],
  );
  const inBody = properties.flatMap(([name, of]) => (takesId(name, of) ? [{ in: "body" as const, name }] : []));
  const body = schema && Object.fromEntries((schema.required ?? []).map((name) => [name, exampleOf(schema, name)]));
  return { method, path, idSlots: [...inAddress, ...inBody], body };
}

function takesId(name: string, schema: Schema | undefined): boolean {
  return schema?.format === "uuid" || name === "cursor" || /(^|_)id$/.test(name);
}

function exampleOf(schema: Schema, name: string): unknown {
  const of = schema.properties?.[name];
  if (of?.enum) return of.enum[0];
  if (of?.type === "boolean") return true;
  return of?.type === "integer" ? 1 : "example";
}
