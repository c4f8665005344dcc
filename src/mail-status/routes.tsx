import { type Context, Hono } from "hono";

import type { Scope } from "#instances/scope.ts";
import { HOUR_MS } from "#lib/clock.ts";
import { examineMail } from "#mail-doctor/examine-mail.ts";
import type { Finding } from "#mail-doctor/finding.ts";
import type { Deps } from "#platform/deps.ts";
import { countTowardsLimit } from "#rate-limits/rate-limit.ts";
import { answerActed } from "#sessions/answer-acted.tsx";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { findTestMail, sendTestMail } from "#settings/send-test-mail.tsx";
import type { Assets } from "#ui/assets.ts";
import { requirePermission } from "#users/permissions.ts";
import { MailPage } from "./mail-page.tsx";
import { readMailStatus } from "./read-mail-status.ts";
import { listSuppressedAddresses, releaseAddress } from "./suppressed-addresses.ts";

const ADDRESS = "/settings/mail";
/** Whoever has more looks for theirs by API. */
const SHOWN_ADDRESSES = 100;
/** It opens connections to others, which nobody should be able to have done without end. */
const EXAMINATIONS = { key: "mail_examination", times: 20, windowMs: HOUR_MS };

type C = Context<SessionEnv>;

/** The page that says how mails fare. */
export function mailStatusRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(ADDRESS, (c) => show(deps, assets, c))
    .get(`${ADDRESS}/examination`, async (c) => {
      requireSession(c);
      return show(deps, assets, c, await examine(deps, c.var.scope));
    })
    .post(`${ADDRESS}/test`, async (c) => {
      const { user } = requireSession(c);
      await sendTestMail(deps, c.var.scope, { user });
      return answerActed(deps, c, ADDRESS);
    })
    .post(`${ADDRESS}/suppressed-addresses/:id/release`, async (c) => {
      requireSession(c);
      await releaseAddress(deps, c.var.scope, { id: c.req.param("id") });
      return answerActed(deps, c, ADDRESS);
    });
}

async function show(deps: Deps, assets: Assets, c: C, findings?: readonly Finding[]): Promise<Response> {
  requireSession(c);
  const { scope } = c.var;
  const shown = {
    status: await readMailStatus(deps, scope),
    suppressed: (await listSuppressedAddresses(deps, scope, { limit: SHOWN_ADDRESSES })).items,
    testMail: await deps.db.inInstance(scope.instance.id, (tx) => findTestMail(tx, scope)),
    timeZone: scope.instance.timeZone,
    findings,
  };
  return c.html(<MailPage frame={await readFrame(deps, assets, c, "settings")} {...shown} />);
}

async function examine(deps: Deps, scope: Scope): Promise<readonly Finding[]> {
  requirePermission(scope, "settings.edit");
  await deps.db.inInstance(scope.instance.id, (tx) => countTowardsLimit(tx, scope, deps.clock.now(), EXAMINATIONS));
  return examineMail(deps, [scope.instance]);
}
