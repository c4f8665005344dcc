import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

import { RekeyError } from "#lib/errors.ts";
import { fileTooLarge, LARGEST_FILE_BYTES } from "#user-import/read-csv.ts";
import { IMPORT_PATH } from "#user-import/import-page.tsx";

/** Far above any form here, far below what would hurt. */
const LONGEST_BODY_BYTES = 256 * 1024;
/** A list of people, and the form around it. */
const LONGEST_IMPORT_BYTES = LARGEST_FILE_BYTES + LONGEST_BODY_BYTES;

/** What is larger than its page takes is refused before anybody reads it. */
export function limitBodies(): MiddlewareHandler {
  const limitTo = (maxSize: number, refusal: () => RekeyError): MiddlewareHandler =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw refusal();
      },
    });
  const forms = limitTo(LONGEST_BODY_BYTES, () => new RekeyError("too_large"));
  const imports = limitTo(LONGEST_IMPORT_BYTES, fileTooLarge);
  return (c, next) => (isImport(c) ? imports : forms)(c, next);
}

/** A list of people is worked on while it arrives; everything else is small and is held whole. */
function isImport(c: Context): boolean {
  return c.req.path === IMPORT_PATH && /^multipart\/form-data\b/i.test(c.req.header("Content-Type") ?? "");
}

/** Who acts is asked once all that they sent is here: what is held back must not outlive the session that began it (SE2). */
export const awaitBody: MiddlewareHandler = async (c, next) => {
  const hasBody = c.req.method !== "GET" && c.req.method !== "HEAD" && !isImport(c);
  if (hasBody)
    await c.req.arrayBuffer().catch((cause: unknown) => {
      throw new RekeyError("invalid_request", { cause });
    });
  return next();
};

/** What a page's form could send must not be taken for JSON (OWASP CSRF Prevention Cheat Sheet, "Content-Type"). */
export const requireJson: MiddlewareHandler = async (c, next) => {
  const hasBody = Number(c.req.header("Content-Length") ?? 0) > 0 || c.req.header("Transfer-Encoding") !== undefined;
  const isJson = /^application\/json\s*(;|$)/i.test(c.req.header("Content-Type") ?? "");
  if (hasBody && !isJson) throw new RekeyError("unsupported_media_type");
  if (hasBody) {
    await c.req.json().catch((cause: unknown) => {
      throw new RekeyError("invalid_request", { detail: "The body is not valid JSON.", cause });
    });
  }
  await next();
};
