import { type Context, Hono } from "hono";

import { PasswordAdvice, type PasswordVerdict } from "#credentials/password-advice.tsx";
import type { Deps } from "#platform/deps.ts";
import { readForm } from "#platform/http/form.ts";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import { adviseByLink, adviseForUser, adviseOwn } from "./advise-password.ts";
import { readToken } from "./token-cookie.ts";

type C = Context<SessionEnv>;

/** What the script asks while somebody types a new password, each beside the form that sets it; without script nobody asks. */
export function adviceRoutes(deps: Deps): Hono<SessionEnv> {
  return new Hono<SessionEnv>()
    .post("/reset-password/password/advice", async (c) => {
      const { recovery, new_password: password } = await readForm(c, ["recovery", "new_password"]);
      return answer(c, await adviseByLink(deps, c.var.scope, { token: readToken(c, recovery), password }));
    })
    .post("/account/password/advice", async (c) => {
      const { user } = requireSession(c);
      const { new_password: password } = await readForm(c, ["new_password"]);
      return answer(c, await adviseOwn(deps, c.var.scope, { user, password }));
    })
    .post("/settings/users/:id/change-password/advice", async (c) => {
      const { user } = requireSession(c);
      const { new_password: password } = await readForm(c, ["new_password"]);
      const input = { askedBy: user.id, userId: c.req.param("id"), password };
      return answer(c, await adviseForUser(deps, c.var.scope, input));
    });
}

function answer(c: C, verdict: PasswordVerdict): Response | Promise<Response> {
  return c.html(<PasswordAdvice verdict={verdict} />);
}
