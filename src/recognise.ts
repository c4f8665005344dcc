import type { MiddlewareHandler } from "hono";

import { findActorByKey } from "#api-keys/api-key.ts";
import type { Actor, Scope } from "#instances/scope.ts";
import { RekeyError } from "#lib/errors.ts";
import type { Deps } from "#platform/deps.ts";
import { refuseCrossSite } from "#platform/http/same-site.ts";
import { actAs, isAutomatic, readSessionId, scopeOf, type SessionEnv } from "#sessions/session-cookie.ts";
import { readSession } from "#sessions/session.ts";

/** From here on the actor is whoever is signed in, if what they send came from our own pages. */
export function recognise(deps: Deps): MiddlewareHandler<SessionEnv> {
  return async (c, next) => {
    const { scope } = c.var;
    const key = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (key !== undefined && c.req.path.startsWith("/api/")) {
      const asKey = async (): Promise<Scope> => ({ ...scope, actor: await getActorByKey(deps, scope, key) });
      c.set("scope", await asKey());
      c.set("actingNow", () => asKey().catch(() => undefined));
      return next();
    }
    const id = readSessionId(c, scope.instance.origin);
    refuseCrossSite(
      {
        method: c.req.method,
        secFetchSite: c.req.header("Sec-Fetch-Site"),
        origin: c.req.header("Origin"),
        hasSession: id !== undefined,
      },
      scope.instance.origin,
    );
    const read = (isActivity: boolean) => (id === undefined ? undefined : readSession(deps, scope, { id, isActivity }));
    const session = await read(!isAutomatic(c));
    actAs(c, session);
    c.set("actingNow", async () => {
      const still = await read(false);
      return still && scopeOf(scope, still);
    });
    await next();
    if (c.var.session) c.res.headers.set("Rekey-Session-Ends", c.var.session.expiresAt.toISOString());
  };
}

/** A key takes the place of a session: no browser adds it by itself, so no other site can make one send it. @throws api_key_invalid */
async function getActorByKey(deps: Deps, scope: Scope, key: string): Promise<Actor> {
  const actor = await deps.db.inInstance(scope.instance.id, (tx) => findActorByKey(tx, scope, deps.clock.now(), key));
  if (!actor) throw new RekeyError("api_key_invalid");
  return actor;
}
