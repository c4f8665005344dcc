import { Readable } from "node:stream";

import { Hono } from "hono";

import { endOfDay, startOfDay } from "#lib/day.ts";
import { isId } from "#platform/crypto/id.ts";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import { type AuditFilter, AuditPage } from "./audit-page.tsx";
import { exportAuditEvents } from "./export-audit-events.ts";
import { listAuditEvents } from "./list-audit-events.ts";
import { readHead } from "./read-head.ts";
import { SIGN_IN_ACTS, SIGN_INS_ADDRESS, SignInsPage } from "./sign-ins-page.tsx";

const PAGE_LENGTH = 50;

/** The record on a page, and to take away. */
export function auditTrailRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get("/settings/audit", async (c) => {
      requireSession(c);
      const filter = readFilter(c.req.query());
      const cursor = isId(c.req.query("cursor") ?? "") ? c.req.query("cursor") : undefined;
      const query = { ...queryOf(filter, c.var.scope.instance.timeZone), before: cursor, limit: PAGE_LENGTH };
      const { items: events, nextCursor } = await listAuditEvents(deps, c.var.scope, query);
      const head = await readHead(deps, c.var.scope);
      const frame = await readFrame(deps, assets, c, "settings");
      const { timeZone } = c.var.scope.instance;
      const page = { filter, events, nextCursor, isFirst: cursor === undefined, head, timeZone };
      return c.html(<AuditPage frame={frame} {...page} />);
    })
    .get(SIGN_INS_ADDRESS, async (c) => {
      requireSession(c);
      const { person = "", result, cursor } = c.req.query();
      const chosen = SIGN_IN_ACTS.filter((act) => act === result);
      const filter = { person: plain(person), result: chosen[0] ?? "" };
      const before = isId(cursor ?? "") ? cursor : undefined;
      const found = await listAuditEvents(deps, c.var.scope, {
        person: filter.person.trim() || undefined,
        actions: chosen.length > 0 ? chosen : SIGN_IN_ACTS,
        before,
        limit: PAGE_LENGTH,
      });
      const frame = await readFrame(deps, assets, c, "settings");
      const { timeZone } = c.var.scope.instance;
      return c.html(<SignInsPage {...{ frame, filter, found, isFirst: before === undefined, timeZone }} />);
    })
    .post("/settings/audit.csv", async (c) => {
      requireSession(c);
      const filter = readFilter(await readForm(c, ["person", "action", "from", "to"]));
      const pieces = await exportAuditEvents(deps, c.var.scope, queryOf(filter, c.var.scope.instance.timeZone));
      c.header("Content-Type", "text/csv; charset=utf-8");
      c.header("Content-Disposition", 'attachment; filename="audit.csv"');
      // A stream that fails breaks the connection, so that half a record is never taken for the whole; one that nobody reads ends.
      return c.body(Readable.toWeb(Readable.from(encoded(pieces))) as ReadableStream);
    });
}

async function* encoded(pieces: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece);
}

/** A page forgives what it cannot read in its address. */
function readFilter(given: Partial<Readonly<Record<string, string>>>): AuditFilter {
  const { person = "", action = "", from = "", to = "" } = given;
  return { person: plain(person), action: plain(action), from: asDay(from), to: asDay(to) };
}

function plain(text: string): string {
  return text.replaceAll("\0", "").toWellFormed().slice(0, 200);
}

function asDay(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : "";
}

/** Days are those of the instance, as in its lists; the last one counts whole. */
function queryOf({ person, action, from, to }: AuditFilter, timeZone: string) {
  return {
    person: person.trim() || undefined,
    actions: action ? [action] : undefined,
    from: from ? startOfDay(from, timeZone) : undefined,
    to: to ? endOfDay(to, timeZone) : undefined,
  };
}
