import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

import type { ErrorCode } from "#lib/error-codes.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { readUpload } from "#platform/http/upload.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireFreshSignIn } from "#sessions/fresh-sign-in.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { requirePermission } from "#users/permissions.ts";
import { IMPORT_PATH, ImportPage } from "./import-page.tsx";
import { importUsers } from "./import-users.ts";
import { PERSON_COLUMNS } from "./person-columns.ts";

type C = Context<SessionEnv>;

/** Importing users from a file. */
export function userImportRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(IMPORT_PATH, (c) => ask(deps, assets, c))
    .post(IMPORT_PATH, (c) => receive(deps, assets, c))
    .get(`${IMPORT_PATH}/template.csv`, (c) => {
      requireSession(c);
      requirePermission(c.var.scope, "users.edit");
      c.header("Content-Disposition", 'attachment; filename="users.csv"');
      return c.body(TEMPLATE, 200, { "Content-Type": "text/csv; charset=utf-8" });
    });
}

/** The byte order mark tells spreadsheets that it is UTF-8, and has them keep it so. */
const TEMPLATE = `\uFEFF${PERSON_COLUMNS.map(({ label }) => label).join(",")}\r\n`;

interface Refused {
  readonly refusal: RekeyError;
  readonly invite: boolean;
}

async function ask(deps: Deps, assets: Assets, c: C, refused?: Refused): Promise<Response> {
  requireSession(c);
  requirePermission(c.var.scope, "users.edit");
  requireFreshSignIn(c.var.scope, deps.clock.now()); // A file that was chosen already could not be carried along.
  const frame = await readFrame(deps, assets, c, "settings");
  const page = <ImportPage frame={frame} refusal={refused?.refusal} invite={refused?.invite ?? false} />;
  return c.html(page, (refused?.refusal.status ?? 200) as ContentfulStatusCode);
}

/** Whose session ended, or who lost the role, while the file was on its way imports nobody. */
async function* whileActing(c: C, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* content;
  const now = await c.var.actingNow();
  if (!now) throw new RekeyError("sign_in_required");
  requirePermission(now, "users.edit");
}

/** Refusals that are about the file, and are told above the form that takes the mended one. */
const ABOUT_THE_FILE: ReadonlySet<ErrorCode> = new Set([
  "import_refused",
  "too_large",
  "email_taken",
  "username_taken",
]);

async function receive(deps: Deps, assets: Assets, c: C): Promise<Response> {
  requireSession(c);
  const { fields, content, discardRest } = await readUpload(c, ["invite"]);
  const invite = fields.invite !== "";
  try {
    await importUsers(deps, c.var.scope, { content: whileActing(c, content), invite });
    return c.redirect("/settings/users", 303);
  } catch (error) {
    if (!(error instanceof RekeyError && ABOUT_THE_FILE.has(error.code))) throw error;
    return ask(deps, assets, c, { refusal: error, invite });
  } finally {
    discardRest();
  }
}
