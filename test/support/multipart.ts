import type { RequestOptions } from "./http.ts";

/** @returns a form with a file, as a browser posts it; the file comes last. */
export async function formWithFile(
  fields: Readonly<Record<string, string>>,
  file: string | Uint8Array<ArrayBuffer>,
): Promise<Required<Pick<RequestOptions, "body" | "headers">>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([file], { type: "text/csv" }), "people.csv");
  const encoded = new Response(form);
  const type = encoded.headers.get("content-type") ?? "";
  return { body: Buffer.from(await encoded.arrayBuffer()), headers: { "content-type": type } };
}
