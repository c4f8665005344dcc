import type { Context } from "hono";

import { MINUTE_MS } from "#lib/clock.ts";
import { RekeyError } from "#lib/errors.ts";
import { newId } from "#platform/crypto/id.ts";
import type { Deps } from "#platform/deps.ts";
import { encodeForm } from "#platform/http/form.ts";
import type { SessionEnv } from "./session-cookie.ts";

type C = Context<SessionEnv>;

/** What somebody asked for and must first do something else for. */
export interface CarriedRequest {
  /** The form that was posted, as it was encoded; null for what is not carried. */
  readonly form: string | null;
  /** Who asked; null where nobody knows any more. */
  readonly userId: string | null;
  /** It is done once, however often it is sent. */
  readonly key: string;
  readonly at: number;
}

/** Somebody who takes longer begins again. */
const CARRIED_FOR_MS = 30 * MINUTE_MS;

/** @returns the request, for a hidden field of the page that answers it: nobody else can read it, or send it elsewhere. */
export async function carry(deps: Deps, c: C, userId: string | null): Promise<string> {
  const request = {
    form: isCarried(c) ? await encodeForm(c) : null,
    userId,
    key: newId(),
    at: deps.clock.now().getTime(),
  };
  return deps.keyring.seal("carried request", boundTo(c), JSON.stringify(request satisfies CarriedRequest));
}

/** @returns the request that was carried to this same address. @throws invalid_request */
export function unpack(deps: Deps, c: C, carried: string): CarriedRequest {
  const text = deps.keyring.unseal("carried request", boundTo(c), carried);
  const request = text === undefined ? undefined : (JSON.parse(text) as CarriedRequest);
  if (request && request.at + CARRIED_FOR_MS > deps.clock.now().getTime()) return request;
  throw new RekeyError("invalid_request", { detail: "It has lain too long, or was changed on its way. Begin again." });
}

/** The form stands in the place of the one that brought it, for whatever reads it from here on, and is done once. */
export function putBack(c: C, { form, key }: CarriedRequest & { readonly form: string }): void {
  const { url, method, headers } = c.req.raw;
  const before = new Headers(headers);
  before.delete("Content-Length");
  c.req.raw = new Request(url, { method, headers: before, body: form });
  c.req.bodyCache = {};
  c.set("scope", { ...c.var.scope, once: { key, isClaimed: false } });
}

/** @returns whether what was asked for can be done later: a file is not kept, and one that is downloaded would leave the page as it is. */
export function isCarried(c: C): boolean {
  const isFile = c.req.header("Content-Type")?.startsWith("multipart/") || c.req.path.endsWith(".csv");
  return c.req.method === "POST" && !isFile;
}

function boundTo(c: C): readonly string[] {
  return [c.var.scope.instance.id, c.req.path];
}
