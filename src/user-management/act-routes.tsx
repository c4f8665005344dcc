import { type Context, Hono } from "hono";
import type { Child } from "hono/jsx";

import type { Deps } from "#platform/deps.ts";
import { revokeRecovery } from "#recovery/revoke-recovery.ts";
import { answerActed, answerChanged } from "#sessions/answer-acted.tsx";
import { requireSession, type SessionEnv } from "#sessions/session-cookie.ts";
import type { Assets } from "#ui/assets.ts";
import type { User } from "#users/user.ts";
import { ActForm } from "./act-form.tsx";
import { readActedFrom } from "./acted-from.tsx";
import type { Actions } from "./actions.ts";
import { answerDialog } from "./answer-dialog.tsx";
import { reactivateUser } from "./deactivate-user.ts";
import { enableLogin } from "./enable-login.ts";
import { endSessions } from "./end-sessions.ts";
import { getTarget } from "./get-target.ts";

type C = Context<SessionEnv>;

/** An act on a user that says what it will do before it does it. */
interface Act {
  readonly action: keyof Actions;
  /** The last part of its address. */
  readonly path: string;
  readonly label: string;
  readonly danger: boolean;
  /** Whether other acts are possible afterwards than before. */
  readonly changesActs: boolean;
  readonly consequences: (user: User) => Child;
  readonly run: (deps: Deps, scope: C["var"]["scope"], input: { userId: string }) => Promise<unknown>;
}

const ACTS: readonly Act[] = [
  {
    action: "reactivate",
    path: "reactivate",
    label: "Reactivate",
    danger: false,
    changesActs: true,
    consequences: (user) =>
      `${user.firstName} can sign in again with the password from before. Send a reset link afterwards if it is forgotten.`,
    run: reactivateUser,
  },
  {
    action: "end_sessions",
    path: "sign-out-everywhere",
    label: "Sign out everywhere",
    danger: true,
    changesActs: false,
    consequences: (user) =>
      `Every browser in which ${user.firstName} is signed in is signed out at once. The password stays as it is.`,
    run: endSessions,
  },
];

/** Reactivate, Sign out everywhere, Enable Login, and revoking a recovery. */
export function actRoutes(deps: Deps, assets: Assets): Hono<SessionEnv> {
  const routes = new Hono<SessionEnv>();
  for (const act of ACTS) {
    routes.get(`/settings/users/:id/${act.path}`, (c) => ask(deps, assets, c, act));
    routes.post(`/settings/users/:id/${act.path}`, async (c) => {
      requireSession(c);
      const userId = c.req.param("id");
      await act.run(deps, c.var.scope, { userId });
      const page = `/settings/users/${userId}`;
      return act.changesActs ? answerChanged(c, page) : answerActed(deps, c, page);
    });
  }
  routes.post("/settings/users/:id/enable-login", async (c) => {
    requireSession(c);
    const userId = c.req.param("id");
    await enableLogin(deps, c.var.scope, { userId });
    return answerChanged(c, `/settings/users/${userId}`);
  });
  routes.post("/settings/users/:id/recoveries/:recovery/revoke", async (c) => {
    requireSession(c);
    await revokeRecovery(deps, c.var.scope, { recoveryId: c.req.param("recovery") });
    return answerActed(deps, c, `/settings/users/${encodeURIComponent(c.req.param("id"))}`);
  });
  return routes;
}

async function ask(deps: Deps, assets: Assets, c: C, act: Act): Promise<Response> {
  const user = await getTarget(deps, c, act.action);
  const address = `/settings/users/${user.id}`;
  const children = (
    <ActForm
      action={`${address}/${act.path}`}
      from={await readActedFrom(c, user.id)}
      label={act.label}
      danger={act.danger}
    >
      <p>{act.consequences(user)}</p>
    </ActForm>
  );
  return answerDialog(deps, assets, c, { title: act.label, user, children });
}
