import { Hono } from "hono";

import type { Deps } from "#platform/deps.ts";
import { answerActed } from "#sessions/answer-acted.tsx";
import { readFrame } from "#sessions/frame.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { findTestMail, sendTestMail } from "#settings/send-test-mail.tsx";
import type { Assets } from "#ui/assets.ts";
import { MailPage } from "./mail-page.tsx";
import { readMailStatus } from "./read-mail-status.ts";
import { listSuppressedAddresses, releaseAddress } from "./suppressed-addresses.ts";

const ADDRESS = "/settings/mail";
/** Whoever has more looks for theirs by API. */
const SHOWN_ADDRESSES = 100;

/** The page that says how mails fare. */
export function mailStatusRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .get(ADDRESS, async (c) => {
      requireSession(c);
      const { scope } = c.var;
      const shown = {
        status: await readMailStatus(deps, scope),
        suppressed: await listSuppressedAddresses(deps, scope, { limit: SHOWN_ADDRESSES }),
        testMail: await deps.db.inInstance(scope.instance.id, (tx) => findTestMail(tx, scope)),
      };
      const frame = await readFrame(deps, assets, c, "settings");
      return c.html(<MailPage frame={frame} timeZone={scope.instance.timeZone} {...shown} />);
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
